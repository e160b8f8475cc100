//! Numbers out of the template that is deployed: its parameters' defaults, and what its resources say outright.

use crate::error::Error;

const TEMPLATE: &str = include_str!("../../template.yaml");

/// The number at a place of the template, a name for each level; `None` if there is no such place, or no number there.
pub(crate) fn number(place: &[&str]) -> Option<f64> {
    number_in(TEMPLATE, place)
}

/// A number that must be there.
pub(crate) fn must(place: &[&str]) -> Result<f64, Error> {
    number(place).ok_or_else(|| Error::Unreadable {
        file: "infra/template.yaml",
        why: format!("no number at {}", place.join(".")),
    })
}

/// Reads what this template uses of YAML: names by indentation, and the first level of `{ name: value, … }`.
fn number_in(text: &str, place: &[&str]) -> Option<f64> {
    let mut path: Vec<(usize, &str)> = Vec::new();
    for line in text.lines() {
        let line = line.split(" #").next().unwrap_or(line);
        let trimmed = line.trim_start();
        if trimmed.is_empty() || trimmed.starts_with(['#', '-']) {
            continue;
        }
        let indent = line.len() - trimmed.len();
        path.retain(|(of, _)| *of < indent);
        let Some((name, value)) = trimmed.split_once(':') else {
            continue;
        };
        path.push((indent, name.trim()));
        let here: Vec<&str> = path.iter().map(|(_, name)| *name).collect();
        if here == place {
            return value.trim().parse().ok();
        }
        if let Some((last, above)) = place.split_last()
            && here == above
            && value.trim().starts_with('{')
        {
            let mut fields = value.trim().trim_matches(['{', '}']).split(',');
            let found = fields.find_map(|f| f.split_once(':').filter(|(n, _)| n.trim() == *last));
            return found.and_then(|(_, v)| v.trim().parse().ok());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_by_their_place() {
        let text = "A:\n  # no\n  B:\n    Type: Number\n    Default: 7 # so\n  C:\n    Default: x\nD:\n  E: { F: 3, G: 4 }\n";
        assert_eq!(number_in(text, &["A", "B", "Default"]), Some(7.0));
        assert_eq!(number_in(text, &["A", "C", "Default"]), None);
        assert_eq!(number_in(text, &["D", "E", "G"]), Some(4.0));
        assert_eq!(number_in(text, &["D", "E", "H"]), None);
    }

    #[test]
    fn the_template_says_how_much_memory_a_stamp_has() {
        assert!(must(&["Resources", "Stamp", "Properties", "MemorySize"]).unwrap() >= 128.0);
        assert!(must(&["Resources", "Stamp", "Properties", "Nothing"]).is_err());
    }
}
