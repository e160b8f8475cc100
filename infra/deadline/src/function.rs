//! A Lambda function: environments that are started, kept warm and forgotten, within its own and the account's limits.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html>

use crate::bucket::Bucket;
use std::collections::VecDeque;

/// The environments at work of all functions of the account.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) concurrency: u64,
    pub(crate) at_work: u64,
    pub(crate) peak: u64,
}

/// Why an invocation was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Every environment the account may have is at work, or every one that is not reserved for others.
    Account,
    /// Every environment that the function may have is at work.
    Reserved,
    /// Environments are not added faster.
    Scaling,
    /// Ten requests a second for each unit of concurrency.
    Requests,
}

/// What a function may have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allowed {
    /// Environments of its own, which nobody else may use; none: those of the account.
    pub(crate) reserved: Option<u64>,
    pub(crate) per_10s: f64,
    pub(crate) requests_per_environment: f64,
    pub(crate) idle_ms: u64,
}

/// An environment at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Environment {
    pub(crate) id: u32,
    /// It has to be started first.
    pub(crate) cold: bool,
}

/// The function.
#[derive(Debug)]
pub(crate) struct Function {
    allowed: Allowed,
    idle: VecDeque<(u32, u64)>,
    started: u32,
    scaling: Bucket,
    requests: Bucket,
    pub(crate) at_work: u64,
    pub(crate) peak: u64,
    pub(crate) invocations: u64,
    pub(crate) cold_starts: u64,
    pub(crate) busy_ms: u64,
}

impl Function {
    pub(crate) fn new(allowed: Allowed, account: &Account) -> Self {
        let most = allowed.reserved.unwrap_or(account.concurrency) as f64;
        Self {
            allowed,
            idle: VecDeque::new(),
            started: 0,
            scaling: Bucket::new(allowed.per_10s / 10.0, allowed.per_10s),
            requests: Bucket::of_a_second(most * allowed.requests_per_environment),
            at_work: 0,
            peak: 0,
            invocations: 0,
            cold_starts: 0,
            busy_ms: 0,
        }
    }

    /// What it alone may use.
    pub(crate) const fn reserved(&self) -> Option<u64> {
        self.allowed.reserved
    }

    /// Begins an invocation. `elsewhere`: what the account keeps for other functions.
    pub(crate) fn begin(
        &mut self,
        account: &mut Account,
        elsewhere: u64,
        now_ms: u64,
    ) -> Result<Environment, Refused> {
        match self.allowed.reserved {
            Some(reserved) if self.at_work >= reserved => return Err(Refused::Reserved),
            None if account.at_work >= account.concurrency.saturating_sub(elsewhere) => {
                return Err(Refused::Account);
            }
            _ => {}
        }
        if !self.requests.has(1.0, now_ms) {
            return Err(Refused::Requests);
        }
        while self
            .idle
            .front()
            .is_some_and(|(_, since)| now_ms.saturating_sub(*since) >= self.allowed.idle_ms)
        {
            self.idle.pop_front();
        }
        // The one used last: so few are kept as are needed.
        let environment = match self.idle.pop_back() {
            Some((id, _)) => Environment { id, cold: false },
            None if self.scaling.take(1.0, now_ms) => {
                self.started += 1;
                self.cold_starts += 1;
                Environment {
                    id: self.started - 1,
                    cold: true,
                }
            }
            None => return Err(Refused::Scaling),
        };
        self.requests.take(1.0, now_ms);
        self.invocations += 1;
        self.at_work += 1;
        self.peak = self.peak.max(self.at_work);
        if self.allowed.reserved.is_none() {
            account.at_work += 1;
            account.peak = account.peak.max(account.at_work);
        }
        Ok(environment)
    }

    /// Ends an invocation that lasted so long.
    pub(crate) fn end(&mut self, account: &mut Account, id: u32, lasted_ms: u64, now_ms: u64) {
        self.idle.push_back((id, now_ms));
        self.at_work = self.at_work.saturating_sub(1);
        self.busy_ms += lasted_ms;
        if self.allowed.reserved.is_none() {
            account.at_work = account.at_work.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALLOWED: Allowed = Allowed {
        reserved: None,
        per_10s: 1_000.0,
        requests_per_environment: 10.0,
        idle_ms: 300_000,
    };

    fn account(concurrency: u64) -> Account {
        Account {
            concurrency,
            at_work: 0,
            peak: 0,
        }
    }

    #[test]
    fn a_warm_environment_is_used_again_until_it_is_forgotten() {
        let mut account = account(1_000);
        let mut function = Function::new(ALLOWED, &account);
        let first = function.begin(&mut account, 0, 0).unwrap();
        assert_eq!((first.id, first.cold), (0, true));
        function.end(&mut account, first.id, 80, 80);
        let again = function.begin(&mut account, 0, 300_000).unwrap();
        assert_eq!((again.id, again.cold), (0, false));
        function.end(&mut account, again.id, 80, 300_080);
        let anew = function.begin(&mut account, 0, 600_080).unwrap();
        assert_eq!((anew.id, anew.cold), (1, true));
        assert_eq!(function.busy_ms, 160);
    }

    #[test]
    fn a_thousand_environments_are_added_in_ten_seconds_and_no_more() {
        let mut account = account(5_000);
        let mut function = Function::new(ALLOWED, &account);
        let mut begun = |now_ms| {
            (0..3_000)
                .take_while(|_| function.begin(&mut account, 0, now_ms).is_ok())
                .count()
        };
        assert_eq!(begun(0), 1_000);
        assert_eq!(begun(1), 0);
        assert_eq!(begun(5_000), 500);
    }

    #[test]
    fn what_is_reserved_is_for_one_function_only() {
        let mut account = account(100);
        let mut own = Function::new(
            Allowed {
                reserved: Some(30),
                ..ALLOWED
            },
            &account,
        );
        let mut other = Function::new(ALLOWED, &account);
        let mut count = |f: &mut Function, elsewhere| {
            let mut begun = 0;
            loop {
                match f.begin(&mut account, elsewhere, 0) {
                    Ok(_) => begun += 1,
                    Err(refused) => return (begun, refused),
                }
            }
        };
        assert_eq!(count(&mut other, 30), (70, Refused::Account));
        assert_eq!(count(&mut own, 0), (30, Refused::Reserved));
    }

    #[test]
    fn short_invocations_meet_the_limit_of_requests() {
        let mut account = account(10);
        let mut function = Function::new(ALLOWED, &account);
        let mut begun = 0;
        let refused = loop {
            match function.begin(&mut account, 0, 5) {
                Ok(environment) => function.end(&mut account, environment.id, 1, 5),
                Err(refused) => break refused,
            }
            begun += 1;
        };
        assert_eq!((begun, refused), (100, Refused::Requests));
    }
}
