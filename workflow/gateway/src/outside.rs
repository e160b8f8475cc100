//! Calls to addresses that strangers gave: nothing of ours is reached through them, whatever a name resolves to when it
//! is called.

use crate::{Error, Http};
use reqwest::{
    Client, Url,
    dns::{Addrs, Name, Resolve, Resolving},
};
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

/// Which addresses may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Public ones, over TLS.
    Public,
    /// This machine's too, and there without TLS: for development.
    Loopback,
}

impl Reach {
    /// Whether such an address may be called at all. What its name resolves to is looked at when it is called.
    ///
    /// # Errors
    /// What is wrong with it, for whoever gave it.
    pub fn permits(self, url: &str) -> Result<(), &'static str> {
        let url = Url::parse(url).map_err(|_| "must be a whole URL")?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must hold no user name or password");
        }
        let host = url.host_str().ok_or("must name a host")?;
        let literal = host.trim_matches(['[', ']']).parse::<IpAddr>().ok();
        let here = host == "localhost" || literal.is_some_and(|ip| ip.is_loopback());
        match url.scheme() {
            "https" => {}
            "http" if here && self == Self::Loopback => {}
            _ => return Err("must begin with https://"),
        }
        match literal {
            Some(ip) if !self.reaches(ip) => Err("must be a public address"),
            _ => Ok(()),
        }
    }

    fn reaches(self, ip: IpAddr) -> bool {
        is_public(ip) || (self == Self::Loopback && ip.to_canonical().is_loopback())
    }
}

impl Http {
    /// A client for such addresses. It resolves names itself and connects only to what may be reached, follows no
    /// redirect, uses no proxy, and reads of a reply its head only. Bounds are those of [`Http::new`].
    ///
    /// # Errors
    /// [`Error::NotSent`] when TLS can't be set up on this machine.
    pub fn outside(reach: Reach, connect: Duration, overall: Duration) -> Result<Self, Error> {
        let client = Client::builder()
            .dns_resolver(Guarded(reach))
            .no_proxy()
            .https_only(reach == Reach::Public);
        Ok(Self::built(client, connect, overall)?.kept_to(reach))
    }
}

/// Resolves a name to what of it may be reached.
struct Guarded(Reach);

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.0;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let reached: Vec<SocketAddr> =
                found.filter(|found| reach.reaches(found.ip())).collect();
            if reached.is_empty() {
                return Err("no address that may be reached".into());
            }
            Ok(Box::new(reached.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is somebody's on the internet: none of those that IANA keeps for special use
/// (<https://www.iana.org/assignments/iana-ipv4-special-registry>, and `iana-ipv6-special-registry`).
fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let special = match ip.octets() {
        [0 | 10 | 127 | 224..=255, ..] => true,
        [100, b, ..] => (64..=127).contains(&b),
        [169, 254, ..] | [192, 168, ..] => true,
        [172, b, ..] => (16..=31).contains(&b),
        [192, 0, 0 | 2, _] | [192, 88, 99, _] => true,
        [198, 18 | 19, ..] | [198, 51, 100, _] | [203, 0, 113, _] => true,
        _ => false,
    };
    !special
}

/// Of the global unicast block, but no tunnels, protocols or examples. What translates to an IPv4 address is outside of
/// that block.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    match ip.segments() {
        [0x2001, 0..=0x01ff | 0x0db8, ..] | [0x2002, ..] => false,
        [0x3fff, 0..=0x0fff, ..] => false,
        [first, ..] => (0x2000..=0x3fff).contains(&first),
    }
}
