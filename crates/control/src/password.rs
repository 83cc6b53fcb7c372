//! Passwords: which are good enough, and hashing them off the async threads.

use std::sync::{Arc, OnceLock};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use model::{PASSWORD_MAX, PASSWORD_MIN};
use tokio::sync::Semaphore;

use crate::error::Error;

/// OWASP's parameters for argon2id: 19 MiB, two passes, one lane.
fn argon2() -> Result<Argon2<'static>, Error> {
    let params = Params::new(19_456, 2, 1, None)
        .map_err(|why| Error::Broken(format!("argon2 refuses its parameters: {why}")))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// What an unknown name is checked against, so that it takes as long as a known one.
fn nobodys_hash() -> Result<&'static str, Error> {
    static HASH: OnceLock<String> = OnceLock::new();
    if let Some(hash) = HASH.get() {
        return Ok(hash);
    }
    let hash = hash_now("nobody signs in with this")?;
    Ok(HASH.get_or_init(|| hash))
}

fn hash_now(password: &str) -> Result<String, Error> {
    let hash = argon2()?.hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string())
        .map_err(|why| Error::Broken(format!("a password cannot be hashed: {why}")))
}

/// Says what is wrong with a new password, in words for the field beside it.
pub(crate) fn password_check(field: &str, name: &str, password: &str) -> Result<(), Error> {
    let length = password.chars().count();
    if length < PASSWORD_MIN {
        return Err(Error::invalid(
            field,
            format!("Use at least {PASSWORD_MIN} characters."),
        ));
    }
    if password.len() > PASSWORD_MAX {
        return Err(Error::invalid(
            field,
            format!("Use at most {PASSWORD_MAX} bytes."),
        ));
    }
    let lower = password.to_lowercase();
    let letters = lower.trim_end_matches(|c: char| c.is_ascii_digit());
    if lower == name || letters == name {
        return Err(Error::invalid(
            field,
            "Your name is not a password. Use another one.",
        ));
    }
    let is_one_character = lower.chars().all(|c| lower.starts_with(c));
    if is_one_character || COMMON.contains(&lower.as_str()) {
        let why = "This is one of the passwords everybody tries first. Use another one.";
        return Err(Error::invalid(field, why));
    }
    Ok(())
}

pub(crate) async fn password_hash(turns: &Arc<Semaphore>, password: &str) -> Result<String, Error> {
    let password = password.to_owned();
    blocking(turns, move || hash_now(&password)).await
}

/// The same time for a known name, an unknown one, and a wrong password.
pub(crate) async fn password_verify(
    turns: &Arc<Semaphore>,
    password: &str,
    hash: Option<String>,
) -> Result<bool, Error> {
    // Nobody's password is longer; hashing it would be work for nothing.
    let password: String = password.chars().take(PASSWORD_MAX + 1).collect();
    blocking(turns, move || {
        let stored = match &hash {
            Some(hash) => hash.as_str(),
            None => nobodys_hash()?,
        };
        let parsed = PasswordHash::new(stored)
            .map_err(|why| Error::Broken(format!("a stored hash cannot be read: {why}")))?;
        let is_right = argon2()?
            .verify_password(password.as_bytes(), &parsed)
            .is_ok();
        Ok(is_right && hash.is_some())
    })
    .await
}

/// Makes nobody's hash, so that the first unknown name does not take twice as long.
pub(crate) async fn password_warm(turns: &Arc<Semaphore>) -> Result<(), Error> {
    blocking(turns, || nobodys_hash().map(|_| ())).await
}

async fn blocking<T: Send + 'static>(
    turns: &Arc<Semaphore>,
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let turn = turns.clone().acquire_owned().await;
    let done = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        work()
    });
    done.await
        .map_err(|why| Error::Broken(format!("hashing a password panicked: {why}")))?
}

/// The commonest of eight characters and more, from published lists of leaked passwords.
const COMMON: &[&str] = &[
    "0123456789",
    "0987654321",
    "1029384756",
    "11223344",
    "1122334455",
    "123123123",
    "12341234",
    "12344321",
    "12345678",
    "123456789",
    "1234567890",
    "123456789a",
    "123456abc",
    "1234abcd",
    "1234qwer",
    "123qweasd",
    "123qweasdzxc",
    "147258369",
    "159357258",
    "1q2w3e4r",
    "1q2w3e4r5t",
    "1q2w3e4r5t6y",
    "1qaz2wsx",
    "1qaz2wsx3edc",
    "1qazxsw2",
    "753951456",
    "87654321",
    "88888888a",
    "987654321",
    "9876543210",
    "a1234567",
    "a12345678",
    "a123456789",
    "aa123456",
    "aa12345678",
    "abc12345",
    "abc123456",
    "abcd1234",
    "abcdefgh",
    "administrator",
    "admin123",
    "admin1234",
    "adminadmin",
    "alexander",
    "asdf1234",
    "asdfasdf",
    "asdfghjk",
    "asdfghjkl",
    "azertyuiop",
    "baseball",
    "basketball",
    "bismillah",
    "butterfly",
    "carina123",
    "changeme",
    "changeme1",
    "charlie1",
    "chocolate",
    "computer",
    "consumer",
    "corvette",
    "december",
    "docker123",
    "dockerdocker",
    "dragon123",
    "einstein",
    "facebook",
    "football",
    "football1",
    "gateway1",
    "iloveyou",
    "iloveyou1",
    "internet",
    "jennifer",
    "jonathan",
    "kubernetes",
    "letmein1",
    "letmein123",
    "liverpool",
    "michelle",
    "midnight",
    "minecraft",
    "mustang1",
    "p@ssw0rd",
    "p@ssword",
    "pa55word",
    "passw0rd",
    "password",
    "password!",
    "password1",
    "password12",
    "password123",
    "password1234",
    "passwordpassword",
    "pokemon1",
    "princess",
    "princess1",
    "q1w2e3r4",
    "q1w2e3r4t5",
    "qazwsxedc",
    "qwer1234",
    "qwerasdf",
    "qwert123",
    "qwertyui",
    "qwertyuiop",
    "qwerty12",
    "qwerty123",
    "qwerty1234",
    "qwerty12345",
    "qwerty123456",
    "rootroot",
    "samantha",
    "secret123",
    "september",
    "spiderman",
    "starwars",
    "startrek",
    "sunshine",
    "sunshine1",
    "superman",
    "test1234",
    "testtest",
    "trustno1",
    "victoria",
    "welcome1",
    "welcome123",
    "whatever",
    "william1",
    "zaq12wsx",
    "zxcvbnm1",
    "zxcvbnm123",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, password: &str) -> Option<String> {
        password_check("password", name, password)
            .err()
            .map(|error| error.to_string())
    }

    #[test]
    fn good_passwords_pass_whatever_characters_they_have() {
        for good in [
            "correct horse",
            "пароль длинный",
            "aB3$xy!q",
            &"x1".repeat(100),
        ] {
            assert_eq!(check("ada", good), None, "{good}");
        }
    }

    #[test]
    fn bad_passwords_are_told_why() {
        assert_eq!(
            check("ada", "short77").unwrap(),
            "Use at least 8 characters."
        );
        assert_eq!(
            check("ada", &"x1".repeat(200)).unwrap(),
            "Use at most 256 bytes."
        );
        for common in ["password1", "PassWord123", "aaaaaaaaaa", "12345678"] {
            assert!(
                check("ada", common).unwrap().contains("everybody tries"),
                "{common}"
            );
        }
        for own in ["ada.lovelace", "Ada.Lovelace1843"] {
            assert!(
                check("ada.lovelace", own).unwrap().contains("Your name"),
                "{own}"
            );
        }
    }

    #[tokio::test]
    async fn only_the_right_password_is_right_and_nobody_has_none() {
        let turns = Arc::new(Semaphore::new(1));
        let hash = password_hash(&turns, "correct horse").await.unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        let verify = |password: &'static str, hash: Option<String>| {
            let turns = turns.clone();
            async move { password_verify(&turns, password, hash).await.unwrap() }
        };
        assert!(verify("correct horse", Some(hash.clone())).await);
        assert!(!verify("correct horse ", Some(hash)).await);
        assert!(!verify("nobody signs in with this", None).await);
    }
}
