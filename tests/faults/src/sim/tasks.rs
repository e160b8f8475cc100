//! The processes of a simulated world: each is a task that makes its requests in turns.

use crate::cloud::{ACTOR, Actor, Cloud, Execution, Letter};
use bubuh_sandbox::Delivered;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::task::JoinHandle;

/// What the world does when a process has ended.
#[derive(Debug, Clone)]
pub(super) enum After {
    /// Nothing.
    Nothing,
    /// These messages are taken off their queue; what else was delivered comes again.
    Delivered(Vec<Letter>),
    /// The bank hears what became of its notification.
    Notified { id: u64, result: Delivered },
    /// A state machine goes on.
    Stepped(Execution),
}

pub(super) struct Task {
    pub(super) number: u64,
    pub(super) name: String,
    pub(super) person: bool,
    if_killed: After,
    handle: JoinHandle<After>,
}

#[derive(Default)]
struct Inner {
    spawned: u64,
    tasks: Vec<Task>,
}

/// All processes. Clones share them.
#[derive(Clone, Default)]
pub(super) struct Tasks(Arc<Mutex<Inner>>);

impl Tasks {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(
        &self,
        name: String,
        person: bool,
        if_killed: After,
        work: impl Future<Output = After> + Send + 'static,
    ) {
        let mut inner = self.lock();
        inner.spawned += 1;
        let number = inner.spawned;
        let actor = Actor {
            number,
            name: name.clone(),
        };
        // Boxed: a whole handler is large.
        let handle = tokio::spawn(ACTOR.scope(actor, Box::pin(work)));
        inner.tasks.push(Task {
            number,
            name,
            person,
            if_killed,
            handle,
        });
    }

    /// Starts a process of ours, which may be killed.
    pub(super) fn start(
        &self,
        name: impl Into<String>,
        if_killed: After,
        work: impl Future<Output = After> + Send + 'static,
    ) {
        self.add(name.into(), false, if_killed, work);
    }

    /// Lets a person live: nobody kills people.
    pub(super) fn person(
        &self,
        name: impl Into<String>,
        life: impl Future<Output = ()> + Send + 'static,
    ) {
        let work = async move {
            life.await;
            After::Nothing
        };
        self.add(name.into(), true, After::Nothing, work);
    }

    /// How many run whose name begins so.
    pub(super) fn running(&self, prefix: &str) -> usize {
        let inner = self.lock();
        let tasks = inner.tasks.iter();
        tasks.filter(|t| t.name.starts_with(prefix)).count()
    }

    /// Whether a person still has something to do.
    pub(super) fn people(&self) -> bool {
        self.lock().tasks.iter().any(|t| t.person)
    }

    pub(super) fn is_person(&self, number: u64) -> bool {
        let inner = self.lock();
        inner.tasks.iter().any(|t| t.number == number && t.person)
    }

    /// Kills a process. Gives its name and what follows.
    pub(super) fn kill(&self, cloud: &Cloud, number: u64) -> Option<(String, After)> {
        let task = {
            let mut inner = self.lock();
            let place = inner.tasks.iter().position(|t| t.number == number)?;
            inner.tasks.remove(place)
        };
        task.handle.abort();
        cloud.forget(number);
        Some((task.name, task.if_killed))
    }

    /// The processes that have ended: what follows, or how they panicked.
    pub(super) async fn ended(&self) -> Vec<Result<After, String>> {
        let ended: Vec<Task> = {
            let mut inner = self.lock();
            let tasks = std::mem::take(&mut inner.tasks);
            let (ended, running) = tasks.into_iter().partition(|t| t.handle.is_finished());
            inner.tasks = running;
            ended
        };
        let mut outcomes = Vec::new();
        for task in ended {
            outcomes.push(match task.handle.await {
                Ok(after) => Ok(after),
                Err(error) => Err(format!("{} panicked: {error}", task.name)),
            });
        }
        outcomes
    }
}
