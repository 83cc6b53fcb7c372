//! Both ceremonies with a device of software, and everything wrong that may come back.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use passkey::testing::Device;
use passkey::{Answer, Error, Flaw, Passkey, Person, Proving, Registering, Site, Unfit};
use serde_json::Value;
use uuid::Uuid;

const PANEL: &str = "https://panel.example";

fn site() -> Site {
    Site::of(PANEL).unwrap()
}

fn device() -> Device {
    Device::new(PANEL, "panel.example")
}

const ADA: Person<'static> = Person {
    handle: Uuid::from_u128(17),
    name: "ada",
};

/// What is kept goes through the database in between.
fn kept<T: serde::Serialize + serde::de::DeserializeOwned>(waiting: &T) -> T {
    serde_json::from_str(&serde_json::to_string(waiting).unwrap()).unwrap()
}

fn made(device: &mut Device) -> Result<Passkey, Error> {
    let begun = site().register_begin(ADA, &[]).unwrap();
    let answer = device.made(&begun.options);
    site().register_finish(&kept::<Registering>(&begun.waiting), &answer)
}

fn proved(device: &mut Device, passkey: Option<&Passkey>) -> Result<Passkey, Error> {
    let begun = site().prove_begin(&[]).unwrap();
    let answer = Answer::read(&device.proof(&begun.options)).unwrap();
    site().prove_finish(&kept::<Proving>(&begun.waiting), &answer, passkey)
}

fn flaw<T: std::fmt::Debug>(answer: Result<T, Error>) -> Flaw {
    match answer {
        Err(Error::Answer { flaw, .. }) => flaw,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_passkey_is_made_and_proved_again_and_again() {
    let mut device = device();
    let passkey = made(&mut device).unwrap();
    let mut passkey = Passkey::from_text(&passkey.to_text().unwrap()).unwrap();
    for _ in 0..3 {
        passkey = proved(&mut device, Some(&passkey)).unwrap();
        passkey = Passkey::from_text(&passkey.to_text().unwrap()).unwrap();
    }
    let begun = site().prove_begin(&[]).unwrap();
    let answer = Answer::read(&device.proof(&begun.options)).unwrap();
    assert_eq!(answer.credential_id(), passkey.credential_id());
    assert_eq!(answer.handle(), Some(ADA.handle));
}

#[test]
fn the_questions_ask_for_what_replaces_a_password() {
    let read = |options: &str| serde_json::from_str::<Value>(options).unwrap();
    let known = ["AAEC".to_owned()];
    let begun = site().register_begin(ADA, &known).unwrap();
    let options = read(&begun.options);
    assert_eq!(options["rp"]["id"], "panel.example");
    assert_eq!(options["user"]["name"], "ada");
    assert_eq!(options["attestation"], "none");
    let wanted = &options["authenticatorSelection"];
    assert_eq!(wanted["residentKey"], "required");
    assert_eq!(wanted["requireResidentKey"], true);
    assert_eq!(wanted["userVerification"], "required");
    assert_eq!(options["excludeCredentials"][0]["id"], "AAEC");
    let begun = site().prove_begin(&[]).unwrap();
    let options = read(&begun.options);
    assert_eq!(options["rpId"], "panel.example");
    assert_eq!(options["userVerification"], "required");
    assert_eq!(options["allowCredentials"].as_array().unwrap().len(), 0);
    assert_eq!(options["challenge"], begun.waiting.challenge());
    assert!(begun.waiting.challenge().len() >= 43, "256 bits at least");
    let other = site().prove_begin(&known).unwrap();
    assert_eq!(read(&other.options)["allowCredentials"][0]["id"], "AAEC");
    assert_ne!(other.waiting.challenge(), begun.waiting.challenge());
}

#[test]
fn a_passkey_that_is_made_wrong_is_none() {
    let bent = |bend: fn(&mut Device)| {
        let mut device = device();
        bend(&mut device);
        flaw(made(&mut device))
    };
    assert_eq!(
        bent(|d| d.origin = "https://evil.example".into()),
        Flaw::Origin
    );
    assert_eq!(
        bent(|d| d.origin = "http://panel.example".into()),
        Flaw::Origin
    );
    assert_eq!(
        bent(|d| d.origin = "https://x.panel.example".into()),
        Flaw::Origin
    );
    assert_eq!(
        bent(|d| d.origin = "https://panel.example:8443".into()),
        Flaw::Origin
    );
    assert_eq!(bent(|d| d.site = "example".into()), Flaw::Site);
    assert_eq!(bent(|d| d.is_verified = false), Flaw::Person);
    assert_eq!(bent(|d| d.is_kept = false), Flaw::Unkept);
    // The answer to another question, and none at all.
    let mut device = device();
    let one = site().register_begin(ADA, &[]).unwrap();
    let two = site().register_begin(ADA, &[]).unwrap();
    let answer = device.made(&one.options);
    assert_eq!(
        flaw(site().register_finish(&two.waiting, &answer)),
        Flaw::Challenge
    );
    let proof = device.proof(&one.options);
    for text in ["", "{}", "null", "[1", proof.as_str()] {
        assert_eq!(
            flaw(site().register_finish(&one.waiting, text)),
            Flaw::Form,
            "{text}"
        );
    }
}

#[test]
fn a_proof_that_is_wrong_is_none() {
    let bent = |bend: fn(&mut Device)| {
        let mut device = device();
        let passkey = made(&mut device).unwrap();
        bend(&mut device);
        flaw(proved(&mut device, Some(&passkey)))
    };
    assert_eq!(
        bent(|d| d.origin = "https://evil.example".into()),
        Flaw::Origin
    );
    assert_eq!(bent(|d| d.site = "evil.example".into()), Flaw::Site);
    assert_eq!(bent(|d| d.is_verified = false), Flaw::Person);
    assert_eq!(bent(|d| d.id = vec![7; 16]), Flaw::Signature);
    for text in ["", "{}", "null"] {
        assert_eq!(flaw(Answer::read(text)), Flaw::Form, "{text}");
    }
    let mut device = device();
    let passkey = made(&mut device).unwrap();
    // Somebody else's key under the same name.
    let mut thief = self::device();
    thief.id = device.id.clone();
    assert_eq!(flaw(proved(&mut thief, Some(&passkey))), Flaw::Signature);
    // The answer to another question.
    let one = site().prove_begin(&[]).unwrap();
    let two = site().prove_begin(&[]).unwrap();
    let answer = Answer::read(&device.proof(&one.options)).unwrap();
    let other = site().prove_finish(&two.waiting, &answer, Some(&passkey));
    assert_eq!(flaw(other), Flaw::Challenge);
    // The answer to the other ceremony's question is none either.
    let made = device.made(&one.options);
    assert_eq!(flaw(Answer::read(&made)), Flaw::Form);
    // An id that is none.
    device.id = Vec::new();
    assert_eq!(flaw(Answer::read(&device.proof(&one.options))), Flaw::Form);
    device.id = vec![1; 1024];
    assert_eq!(flaw(Answer::read(&device.proof(&one.options))), Flaw::Form);
}

#[test]
fn a_counter_that_goes_back_shows_a_copy() {
    let mut device = device();
    device.counter = 5;
    let passkey = made(&mut device).unwrap();
    let passkey = proved(&mut device, Some(&passkey)).unwrap();
    for counter in [0, 4, 5] {
        device.counter = counter;
        assert_eq!(
            flaw(proved(&mut device, Some(&passkey))),
            Flaw::Counter,
            "{counter}"
        );
    }
    device.counter = 6;
    proved(&mut device, Some(&passkey)).unwrap();
    // Passkeys that are meant to be copied do not count.
    let mut device = self::device();
    device.is_counting = false;
    let passkey = made(&mut device).unwrap();
    let passkey = proved(&mut device, Some(&passkey)).unwrap();
    proved(&mut device, Some(&passkey)).unwrap();
}

#[test]
fn an_unknown_passkey_goes_the_way_of_a_known_one() {
    let mut device = device();
    made(&mut device).unwrap();
    assert_eq!(flaw(proved(&mut device, None)), Flaw::Signature);
    device.is_verified = false;
    assert_eq!(flaw(proved(&mut device, None)), Flaw::Person);
    device.origin = "https://evil.example".into();
    assert_eq!(flaw(proved(&mut device, None)), Flaw::Origin);
}

#[test]
fn only_names_over_https_and_this_machine_have_passkeys() {
    for (address, name) in [
        ("https://panel.example.org", "panel.example.org"),
        ("https://panel.example.org:8443/carina", "panel.example.org"),
        ("https://Panel.Example.org/", "panel.example.org"),
        ("http://localhost:8080", "localhost"),
        ("http://carina.localhost", "carina.localhost"),
        ("https://panel", "panel"),
    ] {
        assert_eq!(Site::of(address).unwrap().name(), name, "{address}");
    }
    let unfit = |address: &str| Site::of(address).map(|_| ()).unwrap_err();
    for (address, host) in [
        ("http://127.0.0.1:8080", "127.0.0.1"),
        ("https://192.0.2.7", "192.0.2.7"),
        ("https://[2001:db8::7]:8443", "[2001:db8::7]"),
    ] {
        assert_eq!(unfit(address), Unfit::Address(host.to_owned()));
    }
    for address in [
        "http://panel.example.org",
        "http://notlocalhost",
        "ftp://localhost",
    ] {
        assert!(matches!(unfit(address), Unfit::Insecure(_)), "{address}");
    }
    for address in ["", "panel.example.org", "https://", "data:text"] {
        assert_eq!(unfit(address), Unfit::Unreadable, "{address}");
    }
}
