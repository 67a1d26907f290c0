//! Keys in a local file, for a laptop and for tests. In AWS, keys belong in KMS.

use std::{
    fmt,
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use data_integrity::PublicKey;
use p256::ecdsa::signature::Signer as _;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize as _, Zeroizing};

use super::{SignError, Signature, Signer};
use crate::Randomness;

/// The key pair of a local deployment.
#[derive(Clone, Debug)]
pub struct SoftwareKeys {
    /// For ecdsa-rdfc-2019.
    pub p256: SoftwareSigner,
    /// For eddsa-rdfc-2022.
    pub ed25519: SoftwareSigner,
}

/// One key in memory. Its `Debug` shows the public half alone.
#[derive(Clone)]
pub enum SoftwareSigner {
    /// NIST P-256, with the deterministic nonces of RFC 6979.
    P256(p256::ecdsa::SigningKey),
    /// Ed25519.
    Ed25519(ed25519_dalek::SigningKey),
}

/// Why there are no keys in a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFileError {
    /// The file could not be read or made.
    #[error("the key file {path} could not be {action}")]
    Io {
        /// The file.
        path: PathBuf,
        /// `read` or `created`.
        action: &'static str,
        /// Why.
        source: io::Error,
    },
    /// Others than its owner can read it.
    #[error("the key file {path} has mode {mode:o}: others could read the keys; run `chmod 600 {path}`", path = .path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Not a key file. The text is never quoted: it may hold a key.
    #[error("the key file {path} does not hold two Multikeys, `p256` and `ed25519`, with their secret halves")]
    Content {
        /// The file.
        path: PathBuf,
    },
}

/// The content of the file: two Multikeys (<https://www.w3.org/TR/cid-1.0/#Multikey>).
#[derive(Serialize, Deserialize)]
struct KeyFile {
    p256: KeyPair,
    ed25519: KeyPair,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct KeyPair {
    public_key_multibase: String,
    secret_key_multibase: String,
}

impl Drop for KeyPair {
    fn drop(&mut self) {
        self.secret_key_multibase.zeroize();
    }
}

/// The multicodec codes `p256-priv` and `ed25519-priv` as varints.
const P256_SECRET_PREFIX: [u8; 2] = [0x86, 0x26];
const ED25519_SECRET_PREFIX: [u8; 2] = [0x80, 0x26];

impl SoftwareKeys {
    /// New keys, in memory alone.
    #[must_use]
    pub fn generate(randomness: &Randomness) -> Self {
        Self {
            p256: SoftwareSigner::generate_p256(randomness),
            ed25519: SoftwareSigner::generate_ed25519(randomness),
        }
    }

    /// The keys of a file. A missing file is made, readable by its owner alone; of several processes that make it at
    /// once one wins, and all have its keys.
    ///
    /// # Errors
    /// See [`KeyFileError`].
    pub fn open_or_create(path: &Path, randomness: &Randomness) -> Result<Self, KeyFileError> {
        if let Some(keys) = Self::open(path)? {
            return Ok(keys);
        }
        let created = Self::generate(randomness).write_new(path, randomness);
        match created {
            Err(source) if source.kind() != io::ErrorKind::AlreadyExists => Err(KeyFileError::Io {
                path: path.to_owned(),
                action: "created",
                source,
            }),
            _ => Self::open(path)?.ok_or_else(|| KeyFileError::Io {
                path: path.to_owned(),
                action: "read",
                source: io::ErrorKind::NotFound.into(),
            }),
        }
    }

    /// The keys of a file, or none when there is no file.
    fn open(path: &Path) -> Result<Option<Self>, KeyFileError> {
        let unreadable = |source| KeyFileError::Io {
            path: path.to_owned(),
            action: "read",
            source,
        };
        let mut file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unreadable(error)),
        };
        // The mode of what was opened, not of what the name has come to mean since.
        let mode = file.metadata().map_err(unreadable)?.mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(KeyFileError::Exposed {
                path: path.to_owned(),
                mode,
            });
        }
        let mut text = Zeroizing::new(String::new());
        file.read_to_string(&mut text).map_err(unreadable)?;
        let keys = serde_json::from_str(&text)
            .ok()
            .and_then(|content: KeyFile| Self::from_file(&content));
        keys.map(Some)
            .ok_or_else(|| KeyFileError::Content { path: path.to_owned() })
    }

    fn from_file(content: &KeyFile) -> Option<Self> {
        Some(Self {
            p256: SoftwareSigner::from_pair(&content.p256).filter(|key| matches!(key, SoftwareSigner::P256(_)))?,
            ed25519: SoftwareSigner::from_pair(&content.ed25519)
                .filter(|key| matches!(key, SoftwareSigner::Ed25519(_)))?,
        })
    }

    /// Writes a complete file and then gives it its name, unless the name is taken.
    fn write_new(&self, path: &Path, randomness: &Randomness) -> io::Result<()> {
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let content = KeyFile {
            p256: self.p256.to_pair(),
            ed25519: self.ed25519.to_pair(),
        };
        let text = Zeroizing::new(serde_json::to_string_pretty(&content)?);

        let draft = folder.join(format!(".new-keys-{}", randomness.uuid()));
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&draft)?;
        let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
        let named = written.and_then(|()| fs::hard_link(&draft, path));
        fs::remove_file(&draft)?;
        named
    }
}

impl SoftwareSigner {
    /// A new P-256 key.
    fn generate_p256(randomness: &Randomness) -> Self {
        loop {
            let scalar = Zeroizing::new(randomness.bytes());
            // Of all 32-byte strings only one in 2^32 is no scalar of P-256.
            if let Ok(key) = p256::ecdsa::SigningKey::from_slice(&*scalar) {
                return Self::P256(key);
            }
        }
    }

    /// A new Ed25519 key.
    fn generate_ed25519(randomness: &Randomness) -> Self {
        let seed = Zeroizing::new(randomness.bytes());
        Self::Ed25519(ed25519_dalek::SigningKey::from_bytes(&seed))
    }

    /// The public half, without the detour over [`Signer`].
    #[must_use]
    pub fn verifying_key(&self) -> PublicKey {
        match self {
            Self::P256(key) => PublicKey::P256(key.verifying_key().into()),
            Self::Ed25519(key) => PublicKey::Ed25519(key.verifying_key()),
        }
    }

    /// A pair whose public half belongs to another secret is none.
    fn from_pair(pair: &KeyPair) -> Option<Self> {
        let digits = pair.secret_key_multibase.strip_prefix('z')?;
        let bytes = Zeroizing::new(bs58::decode(digits).into_vec().ok()?);
        let (prefix, secret) = bytes.split_first_chunk::<2>()?;
        let key = match *prefix {
            P256_SECRET_PREFIX => Self::P256(p256::ecdsa::SigningKey::from_slice(secret).ok()?),
            ED25519_SECRET_PREFIX => Self::Ed25519(ed25519_dalek::SigningKey::from_bytes(secret.try_into().ok()?)),
            _ => return None,
        };
        (key.verifying_key().to_multikey() == pair.public_key_multibase).then_some(key)
    }

    fn to_pair(&self) -> KeyPair {
        let bytes = match self {
            Self::P256(key) => Zeroizing::new([&P256_SECRET_PREFIX, key.to_bytes().as_slice()].concat()),
            Self::Ed25519(key) => Zeroizing::new([&ED25519_SECRET_PREFIX, key.as_bytes().as_slice()].concat()),
        };
        KeyPair {
            public_key_multibase: self.verifying_key().to_multikey(),
            secret_key_multibase: format!("z{}", bs58::encode(&*bytes).into_string()),
        }
    }
}

#[async_trait::async_trait]
impl Signer for SoftwareSigner {
    async fn public_key(&self) -> Result<PublicKey, SignError> {
        Ok(self.verifying_key())
    }

    async fn sign(&self, hash_data: &[u8]) -> Result<Signature, SignError> {
        let bytes = match self {
            Self::P256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(hash_data);
                signature.to_bytes().to_vec()
            }
            Self::Ed25519(key) => key.sign(hash_data).to_bytes().to_vec(),
        };
        Ok(Signature {
            bytes,
            request_id: None,
        })
    }
}

impl fmt::Debug for SoftwareSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SoftwareSigner")
            .field(&self.verifying_key().to_multikey())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn randomness() -> Randomness {
        Randomness::operating_system()
    }

    fn key_file() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("made/on/the/way/keys.json");
        (folder, path)
    }

    fn public_halves(keys: &SoftwareKeys) -> [PublicKey; 2] {
        [keys.p256.verifying_key(), keys.ed25519.verifying_key()]
    }

    fn set_mode(path: &Path, mode: u32) {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_missing_key_file_is_made_once_and_read_afterwards() {
        let (_folder, path) = key_file();
        let made = SoftwareKeys::open_or_create(&path, &randomness()).unwrap();
        let read = SoftwareKeys::open_or_create(&path, &randomness()).unwrap();
        assert_eq!(public_halves(&made), public_halves(&read));
        assert!(matches!(
            public_halves(&made),
            [PublicKey::P256(_), PublicKey::Ed25519(_)]
        ));
    }

    #[test]
    fn a_new_key_file_is_its_owners_alone_and_leaves_no_draft() {
        let (_folder, path) = key_file();
        SoftwareKeys::open_or_create(&path, &randomness()).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn everyone_who_makes_the_file_at_once_gets_the_same_keys() {
        let (_folder, path) = key_file();
        let keys: Vec<_> = std::thread::scope(|scope| {
            let open = || public_halves(&SoftwareKeys::open_or_create(&path, &randomness()).unwrap());
            let threads: Vec<_> = (0..16).map(|_| scope.spawn(open)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(keys.iter().all(|pair| *pair == keys[0]));
    }

    #[test]
    fn a_key_file_that_others_can_read_is_refused() {
        let (_folder, path) = key_file();
        SoftwareKeys::open_or_create(&path, &randomness()).unwrap();
        for mode in [0o640, 0o604, 0o620, 0o601, 0o777] {
            set_mode(&path, mode);
            let error = SoftwareKeys::open_or_create(&path, &randomness()).unwrap_err();
            assert!(
                matches!(error, KeyFileError::Exposed { mode: found, .. } if found == mode),
                "{error}"
            );
            assert!(error.to_string().contains("chmod 600"), "{error}");
        }
        set_mode(&path, 0o400);
        SoftwareKeys::open_or_create(&path, &randomness()).unwrap();
    }

    #[test]
    fn a_broken_key_file_is_refused_without_quoting_it_and_stays_as_it_is() {
        let (_folder, path) = key_file();
        SoftwareKeys::open_or_create(&path, &randomness()).unwrap();
        let good = fs::read_to_string(&path).unwrap();
        let file: serde_json::Value = serde_json::from_str(&good).unwrap();
        let mut exchanged = file.clone();
        exchanged["p256"] = file["ed25519"].clone();
        let mut foreign = file.clone();
        foreign["p256"]["publicKeyMultibase"] = "zDnaepBuvsQ8cpsWrVKw8fbpGpvPeNSjVPTWoq6cRqaYzBKVP".into();
        for content in [
            String::new(),
            good.replace("2", "3"),
            exchanged.to_string(),
            foreign.to_string(),
        ] {
            fs::write(&path, &content).unwrap();
            let error = SoftwareKeys::open_or_create(&path, &randomness()).unwrap_err();
            assert!(matches!(error, KeyFileError::Content { .. }), "{error}");
            let secret = file["p256"]["secretKeyMultibase"].as_str().unwrap();
            assert!(!format!("{error} {error:?}").contains(secret));
            assert_eq!(fs::read_to_string(&path).unwrap(), content);
        }
    }

    #[test]
    fn debug_output_shows_the_public_half_alone() {
        let keys = SoftwareKeys::generate(&Randomness::seeded(1));
        let text = format!("{keys:?}");
        for key in [&keys.p256, &keys.ed25519] {
            assert!(text.contains(&key.verifying_key().to_multikey()));
            assert!(!text.contains(&key.to_pair().secret_key_multibase));
        }
        assert_eq!(text.matches("SoftwareSigner").count(), 2);
        assert!(text.len() < 220, "{text}");
    }
}
