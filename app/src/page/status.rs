//! How the whole is, for everybody: words and numbers, no names.

use leptos::prelude::*;
use model::{Share, StatusView};

use crate::api;
use crate::ui::{PageHead, Time, load};
use crate::words::{t, tf};

pub fn status() -> AnyView {
    load(api::status(), page)
}

fn page(status: StatusView) -> AnyView {
    let is_well = is_whole(status.hosts) && is_whole(status.endpoints);
    let (tone, word) = match is_well {
        true => ("badge good", "Everything works"),
        false => ("badge bad", "Something does not work"),
    };
    let changing = (status.changing > 0).then(|| {
        let text = tf(
            "{n} more are being made, changed or removed.",
            &[("n", &status.changing)],
        );
        view! { <p class="hint">{text}</p> }
    });
    view! {
        <PageHead title=t("Status")/>
        <section class="panel narrow" aria-labelledby="status-now">
            <h2 id="status-now"><span class=tone><i aria-hidden="true"></i>{t(word)}</span></h2>
            <dl class="facts host-facts">
                <div><dt>{t("Panel")}</dt><dd>{t("answers")}</dd></div>
                <div><dt>{t("Hosts")}</dt><dd>{answering(status.hosts)}</dd></div>
                <div><dt>{t("Clusters' endpoints")}</dt><dd>{answering(status.endpoints)}</dd></div>
            </dl>
            {changing}
            <p class="hint">{t("As of")} " " <Time at=status.at/></p>
        </section>
    }
    .into_any()
}

fn is_whole(share: Share) -> bool {
    share.used == share.total
}

fn answering(share: Share) -> String {
    tf(
        "{used} of {total} answer",
        &[("used", &share.used), ("total", &share.total)],
    )
}
