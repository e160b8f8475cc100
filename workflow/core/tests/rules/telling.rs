//! How often webhooks are told, and how what is sent is signed.

use super::told::{asked, hook_id, stamped};
use crate::support::*;
use bubuh_core::{
    Error,
    event::{FORGET_AFTER_MS, GIVE_UP_MS, HELD_MS, Outcome, TRIES_MAX, Telling},
    hook::{BOTH_SECRETS_MS, HOOKS_MAX, Hooks, Secret, Topic, signature, signing},
    id::Sha256,
    write::Write,
};
use proptest::prelude::*;

#[test]
fn a_receiver_that_fails_is_tried_at_growing_distances_and_then_given_up() {
    let mut world = stamped();
    let (mut now_ms, mut waits) = (T0, Vec::new());
    let id = world.event().id;
    for _ in 0..TRIES_MAX {
        assert_eq!(world.plans(&[], now_ms), Some(vec![hook_id("erp")]));
        let before = world.event().clone();
        let failed = [(hook_id("erp"), Outcome::Answered(500))];
        let writes = before.heard(&failed, now_ms).unwrap();
        let last = waits.len() + 1 == TRIES_MAX as usize;
        assert_eq!(before.given_up_by(&writes), usize::from(last));
        world.hears("erp", Outcome::Answered(500), now_ms);
        // It is said once.
        assert_eq!(world.event().given_up_by(&writes), 0);
        assert_eq!(world.event().id, id, "the same name each time");
        assert!(!world.event().is_given_up() || waits.len() + 1 == TRIES_MAX as usize);
        waits.push((world.event().due_at_ms - now_ms) / 1_000);
        now_ms = world.event().due_at_ms;
    }
    let (m, h) = (60, 3_600);
    assert_eq!(
        waits,
        [
            5,
            5 * m,
            30 * m,
            2 * h,
            5 * h,
            10 * h,
            14 * h,
            FORGET_AFTER_MS / 1_000
        ]
    );
    assert_eq!(world.state("erp"), Telling::GivenUp);
    assert!(world.event().is_given_up());
    // A person has it told again, under the same name.
    let writes = world.event().replay(now_ms).unwrap();
    assert_eq!(world.event().given_up_by(&writes), 0);
    world.must(&writes);
    assert_eq!(
        (world.event().due_at_ms, world.event().to[0].tries),
        (now_ms, 0)
    );
    assert_eq!(world.plans(&[], now_ms), Some(vec![hook_id("erp")]));
    world.hears("erp", Outcome::Answered(200), now_ms);
    assert_eq!(
        (world.state("erp"), world.event().id),
        (Telling::Delivered, id)
    );
    // In the end it is forgotten.
    let end_ms = world.event().due_at_ms;
    assert_eq!(end_ms, now_ms + FORGET_AFTER_MS);
    assert_eq!(world.plans(&[], end_ms), None);
    assert!(world.events.is_empty());
}

#[test]
fn only_a_2xx_is_heard_and_a_410_is_the_end() {
    for (status, state) in [
        (200, Telling::Delivered),
        (204, Telling::Delivered),
        (299, Telling::Delivered),
        (199, Telling::Owed),
        (300, Telling::Owed),
        (302, Telling::Owed),
        (404, Telling::Owed),
        (410, Telling::Off),
        (500, Telling::Owed),
    ] {
        let mut world = stamped();
        world.plans(&[], T0);
        world.hears("erp", Outcome::Answered(status), T0);
        assert_eq!(world.state("erp"), state, "{status}");
    }
    let mut world = stamped();
    let writes = world.hooks_of("ani").gone(hook_id("erp"), T0).unwrap();
    world.must(&writes);
    assert!(!world.hooks_of("ani").want(&Topic::ALL));
    assert_eq!(
        world.hooks_of("ani").gone(hook_id("erp"), T0 + 1),
        Ok(Vec::new())
    );
    assert_eq!(world.plans(&[], T0), None, "nobody is left to be told");
}

#[test]
fn what_is_owed_to_a_receiver_that_said_it_is_gone_meanwhile_is_not_told() {
    let mut world = stamped();
    world.plans(&[], T0);
    world.hears("erp", Outcome::NoAnswer, T0);
    let writes = world.hooks_of("ani").gone(hook_id("erp"), T0).unwrap();
    world.must(&writes);
    let due_ms = world.event().due_at_ms;
    assert_eq!(world.plans(&[], due_ms), Some(Vec::new()));
    assert_eq!(world.state("erp"), Telling::Off);
}

#[test]
fn a_try_that_was_never_heard_of_counts_and_is_made_anew_only_after_a_call_can_be_over() {
    let mut world = stamped();
    assert_eq!(world.plans(&[], T0), Some(vec![hook_id("erp")]));
    assert_eq!(world.plans(&[], T0 + 29_999), Some(Vec::new()));
    assert_eq!(world.plans(&[], T0 + 30_000), Some(vec![hook_id("erp")]));
    assert_eq!(world.event().to[0].tries, 2);
}

#[test]
fn while_a_receiver_is_down_others_wait_without_a_try_but_not_for_ever() {
    let mut world = stamped();
    assert_eq!(world.plans(&["erp"], T0), Some(Vec::new()));
    assert_eq!(world.event().to[0].tries, 0);
    assert_eq!(world.event().due_at_ms, T0 + HELD_MS);
    let late = T0 + GIVE_UP_MS;
    assert_eq!(world.plans(&["erp"], late), Some(Vec::new()));
    assert_eq!(world.state("erp"), Telling::GivenUp);
    for (outcome, down) in [
        (Outcome::Unreachable, true),
        (Outcome::NoAnswer, true),
        (Outcome::Answered(429), true),
        (Outcome::Answered(503), true),
        (Outcome::Answered(500), false),
        (Outcome::Answered(400), false),
    ] {
        assert_eq!(outcome.is_down(), down, "{outcome:?}");
    }
}

#[test]
fn a_receiver_that_fails_after_three_days_is_not_tried_again() {
    for (after_ms, state) in [
        (GIVE_UP_MS - 1, Telling::Owed),
        (GIVE_UP_MS, Telling::GivenUp),
    ] {
        let mut world = stamped();
        assert_eq!(world.plans(&[], T0), Some(vec![hook_id("erp")]));
        world.hears("erp", Outcome::Answered(500), T0 + after_ms);
        assert_eq!(world.state("erp"), state);
    }
}

#[test]
fn each_webhook_is_told_for_itself_and_only_what_it_wants() {
    let mut world = stamped();
    world.registers("ani", "slow", &[Topic::DocumentStamped]);
    world.registers("ani", "money", &[Topic::OrderCredited]);
    let told = world.plans(&[], T0).unwrap();
    assert_eq!(told, [hook_id("erp"), hook_id("slow")]);
    world.hears("erp", Outcome::Answered(204), T0);
    world.hears("slow", Outcome::NoAnswer, T0);
    assert_eq!(world.state("erp"), Telling::Delivered);
    assert_eq!(world.state("slow"), Telling::Owed);
    // What is heard late of one that was told changes nothing.
    let late = world
        .event()
        .heard(&[(hook_id("erp"), Outcome::NoAnswer)], T0 + 1);
    assert_eq!(late, Ok(Vec::new()));
    let later = world.event().due_at_ms;
    assert_eq!(world.plans(&[], later), Some(vec![hook_id("slow")]));
    // One that was deleted meanwhile is told nothing more.
    let writes = world.hooks_of("ani").remove(hook_id("slow")).unwrap();
    world.must(&writes);
    assert_eq!(world.plans(&[], later + 30_000), Some(Vec::new()));
    assert_eq!(world.state("slow"), Telling::Off);
    assert_eq!(world.event().due_at_ms, later + 30_000 + FORGET_AFTER_MS);
}

#[test]
fn an_event_keeps_few_tries_however_often_it_is_replayed() {
    let mut world = stamped();
    let mut now_ms = T0;
    for _ in 0..25 {
        world.plans(&[], now_ms);
        world.hears("erp", Outcome::Answered(500), now_ms);
        let writes = world.event().replay(now_ms).unwrap();
        world.must(&writes);
        now_ms += 1;
    }
    let attempts = &world.event().to[0].attempts;
    assert_eq!(attempts.len(), 10);
    assert_eq!(attempts[9].at_ms, now_ms - 1);
}

// Webhooks.

#[test]
fn an_account_wants_what_one_of_its_webhooks_wants() {
    let mut world = World::default();
    assert!(!world.hooks_of("ani").want(&Topic::ALL));
    world.registers("ani", "erp", &[Topic::OrderCredited]);
    let hooks = world.hooks_of("ani");
    assert!(hooks.want(&[Topic::DocumentStamped, Topic::OrderCredited]));
    assert!(!hooks.want(&[Topic::DocumentStamped]));
}

#[test]
fn an_account_has_a_few_webhooks_and_each_wants_something() {
    let mut world = World::default();
    for n in 0..HOOKS_MAX {
        world.registers("ani", &format!("h{n}"), &Topic::ALL);
    }
    let hooks = world.hooks_of("ani");
    let field = |wrong: Result<Vec<Write>, Error>| match wrong {
        Err(Error::Invalid { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    assert_eq!(field(hooks.add(asked("more", &Topic::ALL), T0)), "url");
    let none = Hooks::none(account("budi"));
    assert_eq!(field(none.add(asked("idle", &[]), T0)), "events");
    world.must(&hooks.remove(hook_id("h0")).unwrap());
    assert_eq!(world.hooks_of("ani").remove(hook_id("h0")), Ok(Vec::new()));
    world.registers("ani", "more", &Topic::ALL);
}

#[test]
fn a_replaced_secret_signs_along_for_a_day_and_a_request_replaces_it_once() {
    let mut world = World::default();
    world.registers("ani", "erp", &Topic::ALL);
    let request = Sha256::of(b"rotate");
    let writes = world.hooks_of("ani").rotate(hook_id("erp"), &request, T0);
    world.must(&writes.unwrap());
    let hooks = world.hooks_of("ani");
    assert_eq!(
        hooks.rotate(hook_id("erp"), &request, T0 + 5),
        Ok(Vec::new())
    );
    let hook = hooks.hook(hook_id("erp")).unwrap();
    let at = |now_ms| hook.secrets_made_at_ms(now_ms).collect::<Vec<_>>();
    assert_eq!(
        at(T0),
        [T0 + 1, T0],
        "another one, though no time has passed"
    );
    assert_eq!(at(T0 + BOTH_SECRETS_MS - 1), [T0 + 1, T0]);
    assert_eq!(at(T0 + BOTH_SECRETS_MS), [T0 + 1]);
}

// Signing.

#[test]
fn a_message_is_signed_as_the_published_example_is() {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    assert_eq!(
        signing(
            &secret,
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#
        ),
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    );
}

#[test]
fn every_webhook_and_every_time_has_a_secret_of_its_own_that_only_the_master_gives() {
    let of = |master: &[u8], name, at_ms| Secret::of(master, hook_id(name), at_ms).shown();
    let shown = of(b"master", "a", 1);
    assert_eq!(shown, of(b"master", "a", 1));
    for other in [
        of(b"another", "a", 1),
        of(b"master", "b", 1),
        of(b"master", "a", 2),
    ] {
        assert_ne!(shown, other);
    }
    assert!(shown.starts_with("whsec_") && shown.len() == 6 + 44);
    let secret = Secret::of(b"master", hook_id("a"), 1);
    assert_eq!(format!("{secret:?}"), "Secret(…)");
}

/// HMAC as RFC 2104 writes it, apart from the crate that signs.
fn rfc2104(key: &[u8], message: &[u8]) -> [u8; 32] {
    use sha2::{Digest, Sha256};
    let mut block = [0_u8; 64];
    if key.len() > 64 {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let pad = |with: u8| block.map(|byte| byte ^ with);
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(message);
    let outer = Sha256::new().chain_update(pad(0x5c));
    outer.chain_update(inner.finalize()).finalize().into()
}

proptest! {
    #[test]
    fn every_message_is_signed_over_its_id_time_and_body(
        master in proptest::collection::vec(any::<u8>(), 0..100),
        id in "[a-z0-9-]{1,40}",
        at_s in any::<u64>(),
        body in ".{0,200}",
    ) {
        use base64::{Engine, engine::general_purpose::STANDARD};
        let secrets = [1, 2].map(|at_ms| Secret::of(&master, hook_id("a"), at_ms));
        let message = format!("{id}.{at_s}.{body}");
        let expected: Vec<String> = secrets
            .iter()
            .map(|secret| rfc2104(secret.bytes(), message.as_bytes()))
            .map(|mac| format!("v1,{}", STANDARD.encode(mac)))
            .collect();
        prop_assert_eq!(signature(&secrets, &id, at_s, &body), expected.join(" "));
        prop_assert_eq!(secrets[0].bytes(), rfc2104(&master, format!(
            "bubuh webhook secret {} 1", hook_id("a")
        ).as_bytes()));
    }
}
