//! What may happen next, and letting it happen.

use super::{Sim, tasks::After, web};
use crate::{
    cloud::{Execution, Fault, Letter, STAMPS_URL, Site, Status, Waiting, Wish, hidden_ms},
    driver::{deliver, refunds},
    world::LEASE_MS,
};
use bubuh_sandbox::Delivered;
use http::Method;
use std::time::Duration;

/// Most messages that are delivered with another.
const MATES_MAX: u64 = 3;

/// One thing that may happen.
enum Move {
    LetGo(Waiting),
    Deliver(Letter),
    Notify(Box<bubuh_sandbox::Due>),
    Step(Execution),
    Sweep,
    /// A message is handed out again while somebody has it.
    Double(Letter),
    /// Time passes in the midst of things.
    Jump(u64),
    /// A process stands still until the world is calm.
    Stall(u64),
}

const SWEEP_EVERY_MS: u64 = 60_000;
/// How often the sweep runs where only the issuer's books may bring something.
const BOOKS_EVERY_MS: u64 = 10 * 60_000;
/// How much longer a stamp worker sleeps than it should.
const OVERSLEPT_MS: u64 = 5_000;
/// Deliveries of a queue at once: two workers each.
const WORKERS: usize = 2;

impl Sim {
    /// Lets one thing happen. `false`: nothing can before time passes.
    pub(super) async fn turn(&mut self) -> bool {
        self.idle().await;
        let moves = self.moves();
        let sum: u64 = moves.iter().map(|(weight, _)| weight).sum();
        let mut at = self.dice.below(sum);
        for (weight, chosen) in moves {
            if at < weight {
                self.make(chosen).await;
                return true;
            }
            at -= weight;
        }
        false
    }

    /// Waits until every process waits for its turn: time in here passes only when all do. Then
    /// takes up what has ended.
    async fn idle(&mut self) {
        tokio::time::sleep(Duration::from_secs(60)).await;
        for ended in self.tasks.ended().await {
            match ended {
                Ok(after) => self.follow(after),
                Err(panic) => self.outcome.problems.push(panic),
            }
        }
    }

    fn follow(&mut self, after: After) {
        match after {
            After::Nothing => {}
            After::Delivered(taken) => {
                for letter in &taken {
                    self.world.cloud.taken(letter);
                }
            }
            After::Notified { id, result } => self
                .world
                .bank
                .with(|bank, now_ms| bank.notification_result(now_ms, id, result)),
            After::Stepped(execution) => self.world.cloud.stepped(execution),
        }
    }

    fn moves(&mut self) -> Vec<(u64, Move)> {
        let now_ms = self.world.now_ms();
        let mut moves = Vec::new();
        let waiting = self.world.cloud.waiting();
        for wish in &waiting {
            if !self.stalled.contains(&wish.actor) {
                moves.push((12, Move::LetGo(wish.clone())));
            }
        }
        let letters = self.world.cloud.letters();
        for letter in &letters {
            if letter.visible_at_ms <= now_ms && self.tasks.running(&letter.queue) < WORKERS {
                moves.push((8, Move::Deliver(letter.clone())));
            }
        }
        let due = self
            .world
            .bank
            .with(|bank, now_ms| bank.due_notifications(now_ms));
        for notification in due {
            if self.tasks.running(&notified(notification.id)) == 0 {
                moves.push((8, Move::Notify(Box::new(notification))));
            }
        }
        for execution in self.world.cloud.executions() {
            let ready = execution.status == Status::Running && execution.next_at_ms <= now_ms;
            if ready && self.tasks.running(&stepped(&execution)) == 0 {
                moves.push((8, Move::Step(execution)));
            }
        }
        if self.calm {
            return moves;
        }
        let working = waiting.iter().any(|w| !self.tasks.is_person(w.actor));
        if self.tasks.running("sweep") < 2 && now_ms >= self.swept_at_ms + SWEEP_EVERY_MS {
            moves.push((6, Move::Sweep));
        }
        if self.stalls_left > 0 && working {
            let weight = self.restless;
            if self.faulty {
                let ms = [95_000, 61_000, 400_000][self.dice.index(3)];
                moves.push((weight, Move::Jump(ms)));
                if let Some(letter) = letters.iter().find(|l| l.visible_at_ms > now_ms) {
                    moves.push((weight, Move::Double(letter.clone())));
                }
            }
            // Half of the time a stamp worker, for a document has only one at a time.
            let stamping = self.dice.index(2) == 0;
            let workers = waiting.iter().filter(|w| match &w.wish {
                Wish::Request(site) => !stamping || site.actor.starts_with(STAMPS_URL),
                Wish::Thought(_) => false,
            });
            let workers: Vec<u64> = workers.map(|w| w.actor).collect();
            let chosen = self.dice.index(workers.len() as u64);
            if let Some(worker) = workers.get(chosen) {
                moves.push((weight, Move::Stall(*worker)));
            }
        } else if moves.is_empty() && !self.stalled.is_empty() {
            // Only what stands still is left.
            self.stalled.clear();
            return self.moves();
        } else if moves.is_empty() && self.tasks.people() {
            panic!("people wait for nothing");
        }
        moves
    }

    async fn make(&mut self, chosen: Move) {
        match chosen {
            Move::LetGo(wish) => self.let_go(&wish).await,
            Move::Deliver(letter) => self.deliver(letter),
            Move::Notify(due) => self.notify(*due),
            Move::Step(execution) => self.step(execution),
            Move::Sweep => self.sweep(),
            Move::Double(letter) => {
                self.disturb();
                self.say(|| format!("again: {}", letter.body));
                self.world.cloud.show(&letter);
            }
            Move::Jump(ms) => {
                self.disturb();
                self.say(|| format!("{ms} ms pass"));
                self.world.wait(ms);
            }
            // Nothing goes wrong by it: whoever stands still is only slow.
            Move::Stall(actor) => {
                self.stalls_left -= 1;
                self.say(|| format!("process {actor} stands still"));
                self.stalled.insert(actor);
            }
        }
    }

    fn disturb(&mut self) {
        self.stalls_left -= 1;
        self.disturbed = true;
    }

    /// In some worlds stamp workers fall asleep over what they are about to write, as a paused
    /// machine does, and wake long after another has taken over.
    fn dozes(&mut self, site: &Site) -> bool {
        let may = self.drowsy && !self.calm && self.stalls_left > 0;
        may && site.writes() && site.actor.starts_with(STAMPS_URL) && self.dice.index(3) == 0
    }

    async fn let_go(&mut self, wish: &Waiting) {
        let site = match &wish.wish {
            Wish::Thought(thought) => {
                self.say(|| format!("{} {thought}", wish.actor));
                return self.world.cloud.let_go(wish, None);
            }
            Wish::Request(site) => site,
        };
        if self.dozes(site) {
            self.disturb();
            self.say(|| format!("{} dozes off at {site}", wish.actor));
            self.stalled.insert(wish.actor);
            // Until its lease is over, or until its message comes to another as well.
            let awaited_ms = [LEASE_MS, hidden_ms(STAMPS_URL)][self.dice.index(2)];
            return self.world.wait(awaited_ms + OVERSLEPT_MS);
        }
        let shape = site.shape();
        let fault = self.fault(site, &shape);
        self.outcome.coverage.add(shape, site, fault);
        self.say(|| {
            let fault = fault.map_or_else(String::new, |f| format!(" {f:?}"));
            format!("{}{fault} {site}", wish.actor)
        });
        self.world.cloud.let_go(wish, fault);
        if let Some(Fault::CrashBefore | Fault::CrashAfter) = fault {
            self.idle().await;
            if let Some((_, after)) = self.tasks.kill(&self.world.cloud, wish.actor) {
                self.follow(after);
            }
        }
        if fault.is_some() {
            super::judge::midst(&self.world, &mut self.outcome.problems).await;
        }
    }

    /// Delivers a message, often with others of its queue.
    fn deliver(&mut self, letter: Letter) {
        let now_ms = self.world.now_ms();
        let others = self.dice.index(MATES_MAX + 1);
        let ready =
            |l: &Letter| l.queue == letter.queue && l.id != letter.id && l.visible_at_ms <= now_ms;
        let mates = self.world.cloud.letters().into_iter().filter(ready);
        let mut batch = vec![letter.clone()];
        batch.extend(mates.take(others));
        let until_ms = now_ms + deliver::hidden_ms(&letter);
        let (max, cloud) = (deliver::RECEPTIONS_MAX, self.world.cloud.clone());
        let (batch, dead): (Vec<_>, Vec<_>) = batch
            .into_iter()
            .partition(|l| cloud.receive(l, until_ms, max));
        for letter in dead {
            self.say(|| format!("dead: {}", letter.body));
        }
        for letter in &batch {
            self.say(|| format!("deliver {}", letter.body));
        }
        if batch.is_empty() {
            return;
        }
        let world = self.world.clone();
        let bodies: Vec<&str> = batch.iter().map(|l| l.body.as_str()).collect();
        let name = format!("{} {}", letter.queue, bodies.join(" "));
        self.tasks
            .start(name, After::Delivered(Vec::new()), async move {
                let taken = deliver::handle(&world, &batch).await;
                let taken = batch.into_iter().filter(|l| taken.contains(&l.id));
                After::Delivered(taken.collect())
            });
    }

    fn notify(&mut self, due: bubuh_sandbox::Due) {
        let (world, id) = (self.world.clone(), due.id);
        self.say(|| format!("notify of {}", due.order_id));
        let killed = After::Notified {
            id,
            result: Delivered::Unanswered,
        };
        self.tasks.start(notified(id), killed, async move {
            let call = web::Call {
                method: Method::POST,
                path: "/v1/payments/midtrans/notifications".to_owned(),
                account: None,
                key: None,
                body: due.request.body().to_vec(),
            };
            let (status, _) = web::serve(world, call).await;
            let result = Delivered::Answered(status);
            After::Notified { id, result }
        });
    }

    fn step(&mut self, execution: Execution) {
        let world = self.world.clone();
        self.say(|| format!("step {}", execution.name));
        let failed = refunds::failed(execution.clone(), self.world.now_ms());
        let (killed, name) = (After::Stepped(failed.clone()), stepped(&execution));
        self.tasks.start(name, killed, async move {
            After::Stepped(refunds::stepped(&world, execution).await.unwrap_or(failed))
        });
    }

    fn sweep(&mut self) {
        self.swept_at_ms = self.world.now_ms();
        self.say(|| "sweep".to_owned());
        let world = self.world.clone();
        let (watched, hooked) = (self.watched, self.hooked);
        self.tasks.start("sweep", After::Nothing, async move {
            // Whatever comes of it, the next one tries again.
            let _ = if watched {
                bubuh_sweep::minute(&world.sweep(), &world.watch(), &world.courier(), 0).await
            } else {
                let swept = world.sweep().pass().await;
                if hooked {
                    let _ = world.courier().pass().await;
                }
                swept
            };
            After::Nothing
        });
    }

    /// Lets time pass until something can happen, but not beyond the end.
    pub(super) fn pass_time(&mut self, end_ms: u64) -> bool {
        let cloud = &self.world.cloud;
        let letters = cloud.letters().into_iter().map(|l| l.visible_at_ms).min();
        let bank = self.world.bank.with(|bank, _| bank.next_event_ms());
        let executions = cloud.executions().into_iter();
        let running = executions.filter(|e| e.status == Status::Running);
        let step = running.map(|e| e.next_at_ms).min();
        let sweep = cloud.first_due_ms().map(|due| {
            let soonest = self.swept_at_ms + SWEEP_EVERY_MS;
            due.max(soonest).max(self.world.now_ms())
        });
        // What an issuer made and nobody knows of is found by a look at its books.
        let books = self.world.remote.is_some().then(|| {
            let look = self.swept_at_ms.saturating_add(BOOKS_EVERY_MS);
            look.max(self.world.now_ms())
        });
        let sweep = sweep.into_iter().chain(books).min();
        let next = [letters, bank, step, sweep].into_iter().flatten().min();
        let Some(next_ms) = next.filter(|at_ms| *at_ms <= end_ms) else {
            return false;
        };
        self.world.wait_until(next_ms);
        if sweep == Some(next_ms) {
            self.sweep();
        }
        true
    }
}

fn notified(id: u64) -> String {
    format!("notification {id}.")
}

fn stepped(execution: &Execution) -> String {
    format!("refund {}.", execution.name)
}
