//! Packages `infra/template.yaml`: local paths become the S3 locations of what was built.

use super::aws::ARTEFACTS;
use super::build::Package;
use crate::Error;

/// Name of the packaged refund workflow in the artefact bucket.
pub(crate) const WORKFLOW_KEY: &str = "refund.asl.json";

/// The template as CloudFormation can read it. The only change is in the lines that name local files.
///
/// # Errors
/// A line that names a local file is not there: template and packager have drifted apart.
pub(crate) fn package(template: &str, packages: &[Package]) -> Result<String, Error> {
    let mut text = replace(
        template,
        "DefinitionUri: ../workflow/refund.asl.json",
        &format!("DefinitionUri: s3://{ARTEFACTS}/{WORKFLOW_KEY}"),
    )?;
    for package in packages {
        text = replace(
            &text,
            &format!("CodeUri: ../target/lambda/{}/", package.name),
            &format!("CodeUri: s3://{ARTEFACTS}/{}", package.key),
        )?;
    }
    Ok(text)
}

fn replace(text: &str, line: &str, with: &str) -> Result<String, Error> {
    if !text.contains(line) {
        return Err(Error::Template {
            line: line.to_owned(),
        });
    }
    Ok(text.replace(line, with))
}

#[cfg(test)]
mod tests {
    use super::super::build::FUNCTIONS;
    use super::*;

    const TEMPLATE: &str = include_str!("../../../template.yaml");
    const WORKFLOW: &str = include_str!("../../../../workflow/refund.asl.json");

    fn packages() -> Vec<Package> {
        let package = |name| Package {
            name,
            zip: vec![],
            key: format!("{name}-0.zip"),
        };
        FUNCTIONS.map(package).into()
    }

    #[test]
    fn no_local_path_is_left_in_a_packaged_template() {
        let packaged = package(TEMPLATE, &packages()).unwrap();
        let names_a_file = |l: &&str| l.contains("CodeUri: ") || l.contains("DefinitionUri: ");
        let uris: Vec<_> = packaged.lines().filter(names_a_file).collect();
        assert_eq!(
            uris.len(),
            FUNCTIONS.len() + 2,
            "enqueue is deployed twice, the workflow once"
        );
        assert!(uris.iter().all(|l| l.contains("s3://")), "{uris:?}");
    }

    #[test]
    fn what_is_known_of_a_stamp_outlives_its_file() {
        let resource = |name: &str| {
            let at = TEMPLATE.find(&format!("\n  {name}:\n")).unwrap() + 1;
            let rest = &TEMPLATE[at..];
            let end = rest.find("\n\n").unwrap();
            &rest[..end]
        };
        assert!(resource("StampedBucket").contains("ExpirationInDays: 365"));
        let table = resource("Table");
        assert!(table.contains("DeletionPolicy: Retain"));
        assert!(!table.contains("TimeToLive"), "{table}");
    }

    #[test]
    fn a_template_without_the_line_is_refused() {
        let drifted = TEMPLATE.replace("CodeUri: ../target/lambda/stamp/", "CodeUri: elsewhere/");
        assert!(matches!(
            package(&drifted, &packages()),
            Err(Error::Template { .. })
        ));
    }

    #[test]
    fn every_state_of_the_refund_workflow_leads_to_a_state_that_exists() {
        let workflow: serde_json::Value = serde_json::from_str(WORKFLOW).unwrap();
        let states = workflow["States"].as_object().unwrap();
        let mut targets = vec![workflow["StartAt"].as_str().unwrap()];
        for state in states.values() {
            let choices = state["Choices"].as_array().into_iter().flatten();
            targets.extend(choices.filter_map(|c| c["Next"].as_str()));
            targets.extend(["Next", "Default"].iter().filter_map(|k| state[k].as_str()));
            let ends = matches!(state["Type"].as_str(), Some("Succeed" | "Fail" | "Choice"));
            assert!(ends || state["Next"].is_string(), "{state}");
        }
        for target in &targets {
            assert!(states.contains_key(*target), "{target}");
        }
        for name in states.keys() {
            assert!(targets.contains(&name.as_str()), "{name} is never reached");
        }
    }
}
