//! Where objects stand, by number. Newer sections come before older ones.
//!
//! The rows of a plain table stay where they are and are read when asked for: a stamp asks for a handful of
//! thousands. What is written in any other way is read at once.

use super::table::Rows;
use super::xref::Place;
use crate::Limits;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// All entries of a cross-reference.
#[derive(Debug, Default)]
pub(crate) struct Entries<'a> {
    /// The newest sections, as long as they are plain tables, and few.
    tables: Vec<Rows<'a>>,
    /// All older ones.
    read: HashMap<u32, Place>,
}

/// Most runs of rows that one lookup goes through.
const MOST_RUNS: usize = 32;

impl<'a> Entries<'a> {
    /// Adds an older section that is a plain table, and says whether it could be left unread.
    pub(super) fn leave(&mut self, rows: &Rows<'a>, limits: &Limits) -> bool {
        let tables = || self.tables.iter().chain([rows]);
        let fits = self.read.is_empty()
            && tables().map(Rows::runs).sum::<usize>() <= MOST_RUNS
            && tables().map(Rows::count).sum::<usize>() <= limits.objects;
        if fits {
            self.tables.push(rows.clone());
        }
        fits
    }

    /// Adds an entry of an older section that was read.
    pub(super) fn add(&mut self, number: u32, place: Place) {
        self.read.entry(number).or_insert(place);
    }

    /// Sets an entry, whatever was there.
    pub(super) fn put(&mut self, number: u32, place: Place) {
        self.read.insert(number, place);
    }

    /// How many entries are held in memory.
    pub(crate) fn read_count(&self) -> usize {
        self.read.len()
    }

    pub(crate) fn get(&self, number: u32) -> Option<Place> {
        let in_tables = self.tables.iter().find_map(|rows| rows.get(number));
        in_tables.or_else(|| self.read.get(&number).copied())
    }

    /// The largest number; 0 when there is none.
    pub(crate) fn largest(&self) -> u32 {
        let in_tables = self.tables.iter().map(Rows::largest);
        in_tables
            .chain(self.read.keys().copied())
            .max()
            .unwrap_or(0)
    }

    /// Those that stand in object streams.
    pub(crate) fn within(&self) -> impl Iterator<Item = Place> {
        // A table has no word for them.
        let within = self.read.iter().filter(|(number, place)| {
            matches!(place, Place::Within { .. }) && self.get(**number) == Some(**place)
        });
        within.map(|(_, place)| *place)
    }

    /// All of them, each number once.
    pub(crate) fn all(&self) -> HashMap<u32, Place> {
        let mut all = HashMap::new();
        for rows in &self.tables {
            rows.numbers().for_each(|number| {
                if let (Entry::Vacant(vacant), Some(place)) = (all.entry(number), rows.get(number))
                {
                    vacant.insert(place);
                }
            });
        }
        for (number, place) in &self.read {
            all.entry(*number).or_insert(*place);
        }
        all
    }
}

impl From<HashMap<u32, Place>> for Entries<'_> {
    fn from(read: HashMap<u32, Place>) -> Self {
        Self {
            tables: Vec::new(),
            read,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::xref::Xref;
    use super::*;
    use crate::file::inflate::Budget;

    /// A file of so many tables, each with these runs; every one says that object 1 stands in it.
    fn tables(count: usize, runs: usize) -> String {
        let mut file = String::from("%PDF-1.4\n");
        let mut previous = String::new();
        for _ in 0..count {
            let start = file.len();
            file += "xref\n";
            for run in 0..runs {
                file += &format!("{} 1\n{start:010} 00000 n \n", 1 + 2 * run);
            }
            file += &format!("trailer\n<</Size 3 {previous}>>\n");
            previous = format!("/Prev {start}");
        }
        let start = previous.trim_start_matches("/Prev ");
        file + &format!("startxref\n{start}\n%%EOF\n")
    }

    #[test]
    fn the_newest_section_counts_whether_sections_are_left_unread_or_not() {
        for (count, runs, unread) in [(1, 1, 1), (3, 2, 3), (40, 1, 32), (2, 33, 0), (2, 20, 1)] {
            let file = tables(count, runs);
            let limits = Limits::DEFAULT;
            let xref = Xref::read(file.as_bytes(), &limits, &Budget::new(0)).unwrap();
            let newest = Place::At {
                offset: xref.newest.unwrap(),
                generation: 0,
            };
            assert_eq!(xref.entries.tables.len(), unread, "{count} of {runs}");
            assert_eq!(xref.entries.get(1), Some(newest), "{count} of {runs}");
            assert_eq!(xref.entries.all().len(), runs, "{count} of {runs}");
            assert!(xref.entries.all().values().all(|place| *place == newest));
        }
    }
}
