//! Loopback ports. A kept state remembers them, so that URLs in it stay true.

use std::io::ErrorKind;

use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

use super::home::Home;
use crate::Error;

#[derive(Debug, Default, Deserialize, Serialize)]
struct Remembered {
    api: Option<u16>,
    issuer: Option<u16>,
    sandbox: Option<u16>,
    emulator: Option<u16>,
}

/// The listeners of this process and the port the emulator will take.
#[derive(Debug)]
pub(crate) struct Ports {
    pub(crate) api: TcpListener,
    pub(crate) issuer: TcpListener,
    pub(crate) sandbox: TcpListener,
    pub(crate) emulator: u16,
}

impl Ports {
    /// A port for a child process: free now.
    pub(crate) async fn free() -> Result<u16, Error> {
        port_of(&listen(0).await?)
    }

    /// Takes the ports: `api` if asked for, else what the state remembers, else any free one.
    pub(crate) async fn open(home: &Home, api: Option<u16>) -> Result<Self, Error> {
        let file = home.file("ports.json");
        let text = std::fs::read(&file).unwrap_or_default();
        let was: Remembered = serde_json::from_slice(&text).unwrap_or_default();
        let api = match api {
            Some(port) => listen(port).await?,
            None => prefer(was.api).await?,
        };
        let issuer = prefer(was.issuer).await?;
        let sandbox = prefer(was.sandbox).await?;
        // Let go again: the emulator binds it itself.
        let emulator = port_of(&prefer(was.emulator).await?)?;
        let now = Remembered {
            api: Some(port_of(&api)?),
            issuer: Some(port_of(&issuer)?),
            sandbox: Some(port_of(&sandbox)?),
            emulator: Some(emulator),
        };
        let text = serde_json::to_vec(&now).unwrap_or_default();
        std::fs::write(&file, text).map_err(Error::file("write", &file))?;
        Ok(Self {
            api,
            issuer,
            sandbox,
            emulator,
        })
    }
}

/// The URL of a listener.
pub(crate) fn url_of(listener: &TcpListener) -> Result<String, Error> {
    Ok(format!("http://127.0.0.1:{}", port_of(listener)?))
}

fn port_of(listener: &TcpListener) -> Result<u16, Error> {
    let address = listener
        .local_addr()
        .map_err(Error::file("ask for", "a port".as_ref()))?;
    Ok(address.port())
}

async fn prefer(port: Option<u16>) -> Result<TcpListener, Error> {
    match port {
        Some(port) => match listen(port).await {
            Err(Error::PortInUse { .. }) => listen(0).await,
            listened => listened,
        },
        None => listen(0).await,
    }
}

async fn listen(port: u16) -> Result<TcpListener, Error> {
    TcpListener::bind(("127.0.0.1", port))
        .await
        .map_err(|e| match e.kind() {
            ErrorKind::AddrInUse | ErrorKind::PermissionDenied => Error::PortInUse { port },
            _ => Error::file("listen on", format!("127.0.0.1:{port}").as_ref())(e),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_port_asked_for_is_taken_or_refused_by_name() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::open(Some(dir.path())).unwrap();
        let taken = listen(0).await.unwrap();
        let port = port_of(&taken).unwrap();
        let refused = Ports::open(&home, Some(port)).await.unwrap_err();
        assert!(matches!(refused, Error::PortInUse { port: p } if p == port));
    }

    #[tokio::test]
    async fn a_kept_state_gets_its_ports_again_unless_they_are_taken() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::open(Some(dir.path())).unwrap();
        let first = Ports::open(&home, None).await.unwrap();
        let api = port_of(&first.api).unwrap();
        drop(first);
        let second = Ports::open(&home, None).await.unwrap();
        assert_eq!(port_of(&second.api).unwrap(), api);
        let third = Ports::open(&home, None).await.unwrap();
        assert_ne!(port_of(&third.api).unwrap(), api);
    }
}
