//! The local development identity: made once, kept in the state directory.

use bubuh_pdf::{Identity, LocalSigner, certificates_from_pem, development_identity};
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

const KEY: &str = "stamp.key.pem";
const CHAIN: &str = "stamp.chain.pem";
const ROOT: &str = "root.pem";

/// Reads the identity below `state`, or makes it there first. The key is readable by its owner only.
///
/// # Errors
/// A sentence when it can be neither read nor made.
pub(crate) fn load_or_create(state: &Path) -> Result<Identity, String> {
    let folder = state.join("identity");
    match load(&folder) {
        Ok(identity) => return Ok(identity),
        // The root is written last: without it, nothing was finished and nothing was signed.
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => {
            return Err(format!(
                "cannot read the identity in {}: {error}",
                folder.display()
            ));
        }
    }
    let identity = create()?;
    store(&folder, &identity)
        .map_err(|error| format!("cannot keep the identity in {}: {error}", folder.display()))?;
    // Another process may have been first with its root; all must use the one that is there.
    load(&folder)
        .map_err(|error| format!("cannot read the identity in {}: {error}", folder.display()))
}

/// The signer of an identity.
///
/// # Errors
/// A sentence when the files do not fit each other.
pub(crate) fn signer(identity: &Identity) -> Result<LocalSigner, String> {
    LocalSigner::from_pem(&identity.key_pem, &identity.chain_pem).map_err(|error| error.to_string())
}

/// The root certificate of the local identity; none when nothing was ever stamped here.
///
/// # Errors
/// A sentence when the file cannot be read.
pub(crate) fn local_root(state: &Path) -> Result<Vec<Vec<u8>>, String> {
    match fs::read_to_string(state.join("identity").join(ROOT)) {
        Ok(pem) => certificates_from_pem(&pem).map_err(|error| error.to_string()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(format!("cannot read the local root: {error}")),
    }
}

/// The root certificates of PEM files, each of one or several.
///
/// # Errors
/// A sentence when a file cannot be read.
pub(crate) fn roots(files: &[PathBuf]) -> Result<Vec<Vec<u8>>, String> {
    let mut roots = Vec::new();
    for path in files {
        let said = |why: String| format!("cannot read {}: {why}", path.display());
        let pem = fs::read_to_string(path).map_err(|error| said(error.to_string()))?;
        roots.extend(certificates_from_pem(&pem).map_err(|error| said(error.to_string()))?);
    }
    Ok(roots)
}

fn load(folder: &Path) -> std::io::Result<Identity> {
    let read = |name| fs::read_to_string(folder.join(name));
    let root_pem = read(ROOT)?;
    Ok(Identity {
        key_pem: read(KEY)?,
        chain_pem: read(CHAIN)?,
        root_pem,
    })
}

fn create() -> Result<Identity, String> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| format!("no randomness: {error}"))?;
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_err(|error| error.to_string())?;
    // An hour back: other machines' clocks may be behind ours.
    let not_before = i64::try_from(now.as_secs()).map_err(|error| error.to_string())? - 3_600;
    development_identity(not_before, &seed).map_err(|error| error.to_string())
}

/// Writes into a folder of its own, then renames it into place, so that an identity is there whole or not at all.
fn store(folder: &Path, identity: &Identity) -> std::io::Result<()> {
    let parent = folder.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(parent)?;
    let fresh = parent.join(format!("identity.{}", std::process::id()));
    fs::DirBuilder::new().mode(0o700).create(&fresh)?;
    for (name, text) in [
        (KEY, &identity.key_pem),
        (CHAIN, &identity.chain_pem),
        (ROOT, &identity.root_pem),
    ] {
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(fresh.join(name))?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
    }
    let renamed = fs::rename(&fresh, folder);
    if renamed.is_err() {
        fs::remove_dir_all(&fresh)?;
        // Lost the race: the other identity stands.
        return if folder.join(ROOT).exists() {
            Ok(())
        } else {
            renamed
        };
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn an_identity_is_made_once_and_its_key_is_private() {
        let state = tempfile::tempdir().unwrap();
        let first = load_or_create(state.path()).unwrap();
        let again = load_or_create(state.path()).unwrap();
        assert_eq!(first.root_pem, again.root_pem);
        let key = state.path().join("identity").join(KEY);
        assert_eq!(
            fs::metadata(key).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(
            local_root(state.path()).unwrap(),
            certificates_from_pem(&first.root_pem).unwrap()
        );
        assert_eq!(
            fs::read_dir(state.path()).unwrap().count(),
            1,
            "nothing is left beside it"
        );
    }

    #[test]
    fn roots_come_from_several_files_of_several_roots_each() {
        let folder = tempfile::tempdir().unwrap();
        let [one, two, three] = [1, 2, 3].map(|seed| {
            let identity = development_identity(1_700_000_000, &[seed; 32]).unwrap();
            identity.root_pem
        });
        let (first, second) = (folder.path().join("1.pem"), folder.path().join("2.pem"));
        fs::write(&first, one + &two).unwrap();
        fs::write(&second, three).unwrap();
        assert_eq!(roots(&[first, second.clone()]).unwrap().len(), 3);
        fs::write(&second, "no certificate").unwrap();
        assert!(roots(&[second]).unwrap_err().contains("2.pem"));
        assert!(roots(&[]).unwrap().is_empty());
        assert!(local_root(folder.path()).unwrap().is_empty());
    }

    #[test]
    fn racing_processes_end_with_one_identity() {
        let state = tempfile::tempdir().unwrap();
        let folder = state.path().join("identity");
        store(&folder, &create().unwrap()).unwrap();
        let first = load(&folder).unwrap();
        store(&folder, &create().unwrap()).unwrap();
        assert_eq!(load(&folder).unwrap().root_pem, first.root_pem);
    }

    #[test]
    fn an_unreadable_identity_is_an_error_not_a_new_one() {
        let state = tempfile::tempdir().unwrap();
        load_or_create(state.path()).unwrap();
        fs::write(state.path().join("identity").join(ROOT), [0xff, 0xfe]).unwrap();
        assert!(load_or_create(state.path()).is_err());
    }
}
