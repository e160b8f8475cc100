//! Serial capacity: the sales gate's numbers. Every stamp that was sold, and every stamp of an order that
//! can still be paid, has a serial waiting for it in the inventory; what is over is free to be sold.
//!
//! Over all slots, at every moment:
//! free = serials in blocks - stamps of orders awaiting payment - stamps in lots, available or refunding.
//!
//! A reservation takes a stamp and a serial together, so it changes nothing here. A payment that comes after
//! its order was closed is credited whether or not a serial is free: the sum may fall below zero, and restocking
//! makes up for it. New orders leave an allowance for such payments.

use crate::{
    error::Error,
    id::{OrderId, RefundKey},
    inventory::Block,
    money::Stamps,
    order::{Order, OrderState},
    write::Write,
};
use std::num::NonZeroU8;

/// How the free capacity of a slot changes. Slots only spread the writes: the sum counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capacity {
    /// Which slot; the table wraps it around the number of slots it has.
    pub slot: u8,
    /// How.
    pub change: Change,
}

/// A change of free capacity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// A new order's stamps; holds only if so many are free in this slot, and `leave` more.
    Claim {
        /// How many.
        count: Stamps,
        /// How many must stay free after it.
        leave: Stamps,
    },
    /// Stamps that must exist whatever is free: they are paid.
    Owe(Stamps),
    /// Stamps or serials that nobody claims any more.
    Free(Stamps),
}

/// A slot as it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// Which.
    pub slot: u8,
    /// What is free in it; below zero after payments that came late.
    pub free: i64,
}

impl Capacity {
    const fn write(slot: u8, change: Change) -> Write {
        Write::Capacity(Self { slot, change })
    }

    /// The claim of a new order on the slot that its name falls into, which leaves that slot's part of the
    /// `allowance` for payments that come late.
    #[must_use]
    pub fn claim(order: OrderId, count: Stamps, allowance: Stamps, slots: NonZeroU8) -> Write {
        let leave = Stamps::new(allowance.get().div_ceil(u32::from(slots.get())));
        Self::write(slot_of(&order), Change::Claim { count, leave })
    }

    /// The stamps of an order that must exist whatever is free.
    #[must_use]
    pub fn owe(order: OrderId, count: Stamps) -> Write {
        Self::write(slot_of(&order), Change::Owe(count))
    }

    /// The stamps of an order that can't be paid any more.
    #[must_use]
    pub fn free(order: OrderId, count: Stamps) -> Write {
        Self::write(slot_of(&order), Change::Free(count))
    }

    /// What a refund's stamps no longer claim, once its money went back; nothing if it held none.
    pub(crate) fn freed(refund: RefundKey, count: Stamps) -> Option<Write> {
        (count > Stamps::ZERO).then(|| Self::write(slot_of(&refund), Change::Free(count)))
    }
}

/// What an order's change of state does: it claims while it can be paid and once it is.
pub(crate) fn order_enters(order: &Order, to: OrderState) -> Option<Write> {
    let claims = |state| matches!(state, OrderState::AwaitingPayment | OrderState::Credited);
    match (claims(order.state), claims(to)) {
        (true, false) => Some(Capacity::free(order.id, order.quantity)),
        (false, true) => Some(Capacity::owe(order.id, order.quantity)),
        _ => None,
    }
}

/// Claims that together cover `count`, where one slot alone can't: the fullest first. `None`: so many are
/// not free beside the `allowance`.
#[must_use]
pub fn cover(slots: &[Slot], count: Stamps, allowance: Stamps) -> Option<Vec<Write>> {
    let free = slots
        .iter()
        .fold(0_i64, |sum, slot| sum.saturating_add(slot.free));
    let wanted = i64::from(count.get()).saturating_add(i64::from(allowance.get()));
    if free < wanted {
        return None;
    }
    let mut fullest = slots.to_vec();
    fullest.sort_by_key(|slot| std::cmp::Reverse(slot.free));
    let (mut left, mut claims) = (count, Vec::new());
    for slot in fullest {
        let there = Stamps::new(u32::try_from(slot.free.max(0)).unwrap_or(u32::MAX));
        let part = there.min(left);
        if part == Stamps::ZERO {
            break;
        }
        let leave = Stamps::ZERO;
        claims.push(Capacity::write(
            slot.slot,
            Change::Claim { count: part, leave },
        ));
        left = left.minus(part).ok()?;
    }
    (left == Stamps::ZERO).then_some(claims)
}

/// Fresh blocks in the inventory; what is in them is free to be sold.
///
/// # Errors
/// [`Error::Overflow`] when there are more serials than can be counted.
pub fn stock(blocks: Vec<Block>, slots: NonZeroU8) -> Result<Vec<Write>, Error> {
    let serials = blocks
        .iter()
        .try_fold(0_usize, |sum, block| sum.checked_add(block.left()))
        .ok_or(Error::Overflow)?;
    let mut writes = stocked(serials, slots)?;
    writes.extend(blocks.into_iter().map(Write::Block));
    Ok(writes)
}

/// Fresh serials, spread evenly over the slots.
fn stocked(serials: usize, slots: NonZeroU8) -> Result<Vec<Write>, Error> {
    let serials = u32::try_from(serials).map_err(|_| Error::Overflow)?;
    let slots_n = u32::from(slots.get());
    let (each, more) = (serials / slots_n, serials % slots_n);
    let parts = (0..slots.get()).map(|slot| {
        let part = each.saturating_add(u32::from(u32::from(slot) < more));
        (slot, Stamps::new(part))
    });
    let parts = parts.filter(|(_, part)| *part > Stamps::ZERO);
    Ok(parts
        .map(|(slot, part)| Capacity::write(slot, Change::Free(part)))
        .collect())
}

/// The slot that a name falls into: any, as long as names spread.
fn slot_of(name: &impl ToString) -> u8 {
    let text = name.to_string();
    text.bytes()
        .fold(0_u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refund_that_held_no_stamps_frees_none() {
        let refund = RefundKey::derive(&["t"]);
        assert_eq!(Capacity::freed(refund, Stamps::ZERO), None);
        assert!(Capacity::freed(refund, Stamps::ONE).is_some());
    }

    fn slots(free: &[i64]) -> Vec<Slot> {
        let slots = free.iter().enumerate();
        slots
            .map(|(n, free)| Slot {
                slot: u8::try_from(n).unwrap(),
                free: *free,
            })
            .collect()
    }

    fn claimed(free: &[i64], count: u32, allowance: u32) -> Option<Vec<(u8, u32)>> {
        let writes = cover(&slots(free), Stamps::new(count), Stamps::new(allowance))?;
        let parts = writes.into_iter().map(|write| match write {
            Write::Capacity(Capacity {
                slot,
                change: Change::Claim { count, .. },
            }) => (slot, count.get()),
            other => panic!("{other:?}"),
        });
        Some(parts.collect())
    }

    #[test]
    fn an_order_is_covered_to_the_last_serial_and_no_further() {
        assert_eq!(claimed(&[3, 5], 8, 0), Some(vec![(1, 5), (0, 3)]));
        assert_eq!(claimed(&[3, 5], 4, 0), Some(vec![(1, 4)]));
        assert_eq!(claimed(&[3, 5], 9, 0), None);
        assert_eq!(claimed(&[], 1, 0), None);
    }

    #[test]
    fn what_late_payments_owe_and_the_allowance_are_not_sold() {
        assert_eq!(claimed(&[-2, 10], 8, 0), Some(vec![(1, 8)]));
        assert_eq!(claimed(&[-2, 10], 9, 0), None);
        assert_eq!(claimed(&[10, 10], 15, 5), Some(vec![(0, 10), (1, 5)]));
        assert_eq!(claimed(&[10, 10], 16, 5), None);
    }

    #[test]
    fn fresh_serials_are_spread_and_none_is_forgotten() {
        let sum = |serials, slots| {
            let writes = stocked(serials, NonZeroU8::new(slots).unwrap()).unwrap();
            let parts = writes.iter().map(|write| match write {
                Write::Capacity(Capacity {
                    change: Change::Free(part),
                    ..
                }) => part.get(),
                other => panic!("{other:?}"),
            });
            parts.collect::<Vec<_>>()
        };
        assert_eq!(sum(10, 4), [3, 3, 2, 2]);
        assert_eq!(sum(2, 4), [1, 1]);
        assert_eq!(sum(0, 4), [0_u32; 0]);
    }
}
