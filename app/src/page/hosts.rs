//! The hosts, for administrators: room, health, and what runs where.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use model::{Finding, FindingLevel, HostSegmentView, HostView, HostsView, Share};

use crate::api::{self, HostDrain, HostsExamine};
use crate::format::{bytes, centi, percent};
use crate::page::{for_members, query};
use crate::ui::{
    Bar, Change, ChangeButton, ChangeForm, FormError, Icon, PageHead, SegmentBadge, Time, load_live,
};
use crate::words::{say, t, tf, tn};

pub fn hosts() -> AnyView {
    for_members(|| {
        let examine = Change::new(HostsExamine::url());
        load_live(api::hosts_get(), move |shown| page(shown, examine))
    })
}

fn page(shown: HostsView, examine: Change) -> AnyView {
    let failure = examine.failure.clone();
    let pools = pools(&shown);
    let drain = Change::new(HostDrain::url());
    let drain_failure = drain.failure.clone();
    let hosts = shown.hosts.into_iter();
    let hosts = hosts.map(|one| host(one, drain.clone())).collect_view();
    view! {
        <PageHead
            title=t("Hosts")
            lead=t("The machines that hold segments, what they have left, and how they are.")
        >
            <ChangeForm change=examine>
                <ChangeButton
                    icon=Icon::Rebuild text=t("Examine now") pending=t("Examining…")
                    class="button button-quiet"
                />
            </ChangeForm>
        </PageHead>
        <FormError failure/>
        <FormError failure=drain_failure/>
        {hosts}
        {pools}
    }
    .into_any()
}

fn host(host: HostView, drain: Change) -> AnyView {
    let heading = format!("host-{}", host.name);
    let badge = match (&host.trouble, worst(&host.findings)) {
        (Some(_), _) => ("badge bad", "away"),
        (None, Some(FindingLevel::Fail)) => ("badge bad", "broken"),
        (None, Some(FindingLevel::Warn)) => ("badge warn", "works, could be better"),
        (None, _) if host.is_drained => ("badge", "drained"),
        (None, _) => ("badge good", "well"),
    };
    let trouble = host
        .trouble
        .clone()
        .map(|why| view! { <p class="reason">{say(&why)}</p> });
    let (findings, segments) = (findings(&host), segments(&host.segments));
    view! {
        <section class="panel host" aria-labelledby=heading.clone() data-key=host.name.clone()>
            <div class="change-head">
                <h2 id=heading.clone()>{host.name.clone()}</h2>
                <span class=badge.0><i aria-hidden="true"></i>{t(badge.1)}</span>
            </div>
            {trouble}
            {draining(&host, drain)}
            <dl class="facts host-facts">
                {share("Memory in use", host.memory_bytes)}
                {share("Disk in use", host.disk_bytes)}
                {promised("Memory promised", host.memory_promised_bytes, host.memory_bytes.map(|m| m.total))}
                {promised("Disk promised", host.disk_promised_bytes, host.disk_bytes.map(|d| d.total))}
                <div>
                    <dt>{t("vCPUs promised")}</dt>
                    <dd>{vcpus(&host)}</dd>
                </div>
            </dl>
            {segments}
            {findings}
        </section>
    }
    .into_any()
}

/// Whether new segments may come, and the button that changes it.
fn draining(host: &HostView, drain: Change) -> AnyView {
    let (text, wanted, icon, button) = match host.is_drained {
        false => (
            t("New clusters may be put here."),
            Some("yes"),
            Icon::Pause,
            t("Drain"),
        ),
        true => (
            t(
                "Drained: no new clusters and no more segments come here. What is here stays and goes on; it leaves as its owners delete it.",
            ),
            None,
            Icon::Play,
            t("Take clusters again"),
        ),
    };
    let name = host.name.clone();
    view! {
        <div class="host-drain">
            <p class="hint">{text}</p>
            <ChangeForm change=drain>
                <input type="hidden" name="name" value=name/>
                {wanted.map(|yes| view! { <input type="hidden" name="drained" value=yes/> })}
                <ChangeButton icon text=button class="button button-quiet"/>
            </ChangeForm>
        </div>
    }
    .into_any()
}

fn worst(findings: &[Finding]) -> Option<FindingLevel> {
    findings.iter().map(|finding| finding.level).max()
}

fn vcpus(host: &HostView) -> String {
    match host.cpus {
        Some(cpus) => tf(
            "{n} on {cpus} processors",
            &[("n", &host.vcpus_promised), ("cpus", &cpus)],
        ),
        None => host.vcpus_promised.to_string(),
    }
}

fn share(label: &'static str, share: Option<Share>) -> AnyView {
    let text = share.map(|share| {
        tf(
            "{used} of {total}",
            &[("used", &bytes(share.used)), ("total", &bytes(share.total))],
        )
    });
    let full = share.map_or(0, |share| percent(share.used, share.total));
    view! { <div><dt>{t(label)}</dt><dd><Bar label="" text percent=full/></dd></div> }.into_any()
}

/// More may be promised than there is: not everybody takes all at once.
fn promised(label: &'static str, promised: u64, total: Option<u64>) -> AnyView {
    let times = total.filter(|total| *total > 0).map(|total| {
        let percent = promised.saturating_mul(100) / total;
        tf("{percent} % of what there is", &[("percent", &percent)])
    });
    view! {
        <div>
            <dt>{t(label)}</dt>
            <dd>{bytes(promised)} <span class="hint host-times">{times}</span></dd>
        </div>
    }
    .into_any()
}

/// Segments of a host that are shown at once.
const SEGMENTS_SHOWN: usize = 60;

fn segments(segments: &[HostSegmentView]) -> AnyView {
    if segments.is_empty() {
        return view! { <p class="empty">{t("No segments are on it.")}</p> }.into_any();
    }
    let n_old = segments.iter().filter(|s| !s.is_image_current).count();
    let old = (n_old > 0).then(|| {
        let text = tn(
            n_old,
            "1 segment runs an older image. Replacing it gives it the new one.",
            "{n} segments run an older image. Replacing them gives them the new one.",
        );
        view! { <p class="hint">{text}</p> }
    });
    let summary = tn(segments.len(), "1 segment", "{n} segments");
    let wanted = query("cluster").unwrap_or_default();
    let wanted = wanted.trim().to_ascii_lowercase();
    let found: Vec<_> = segments
        .iter()
        .filter(|segment| segment.cluster_name.contains(&wanted))
        .collect();
    let is_filtered = !wanted.is_empty();
    let filter = (is_filtered || segments.len() > SEGMENTS_SHOWN).then(|| {
        let shown = tf(
            "{n} of {max} segments are shown.",
            &[("n", &found.len().min(SEGMENTS_SHOWN)), ("max", &segments.len())],
        );
        view! {
            <form method="get" class="filters">
                <label>{t("Cluster")} " "<input type="search" name="cluster" value=wanted.clone() maxlength="64"/></label>
                <button type="submit" class="button button-quiet button-small">{t("Filter")}</button>
                <span class="hint">{shown}</span>
            </form>
        }
    });
    let rows = found.iter().take(SEGMENTS_SHOWN);
    let rows = rows.map(|one| segment(one)).collect_view();
    view! {
        <details class="host-segments" open={segments.len() <= 12 || is_filtered}>
            <summary><h3>{summary}</h3></summary>
            {old}
            {filter}
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{t("Cluster")}</th>
                        <th scope="col">{t("Segment")}</th>
                        <th scope="col">{t("State")}</th>
                        <th scope="col">{t("Memory")}</th>
                        <th scope="col">{t("CPU")}</th>
                        <th scope="col">{t("Image")}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </details>
    }
    .into_any()
}

fn segment(segment: &HostSegmentView) -> AnyView {
    let none = || "—".to_owned();
    let cpu = segment.cpu_centi.and_then(|n| u32::try_from(n).ok());
    let image = match segment.is_image_current {
        true => t("current"),
        false => t("older"),
    };
    view! {
        <tr data-key=format!("{}-{}", segment.cluster, segment.ordinal)>
            <th scope="row" title=segment.cluster.to_string()>{segment.cluster_name.clone()}</th>
            <td data-label=t("Segment")>{segment.ordinal}</td>
            <td data-label=t("State")><SegmentBadge phase=segment.phase/></td>
            <td data-label=t("Memory")>{segment.memory_bytes.map_or_else(none, bytes)}</td>
            <td data-label=t("CPU")>{cpu.map_or_else(none, centi)}</td>
            <td data-label=t("Image")>
                <span title=segment.image.clone()>{image}</span>
            </td>
        </tr>
    }
    .into_any()
}

fn findings(host: &HostView) -> AnyView {
    let Some(at) = host.examined_at else {
        return view! { <p class="hint">{t("Nobody has examined it since the panel started.")}</p> }
            .into_any();
    };
    let (good, bad): (Vec<_>, Vec<_>) = host
        .findings
        .iter()
        .partition(|finding| finding.level == FindingLevel::Ok);
    let bad_lines = bad.iter().map(|one| finding(one)).collect_view();
    let good_lines = good.iter().map(|one| finding(one)).collect_view();
    let all_good = bad.is_empty().then(
        || view! { <p>{Icon::Check.view()} {t("Everything that segments need is there.")}</p> },
    );
    let count = tn(
        good.len(),
        "1 thing is as it should be",
        "{n} things are as they should be",
    );
    view! {
        <div class="findings">
            <h3>{t("Health")}</h3>
            <p class="hint">{t("Examined")} " " <Time at/></p>
            {all_good}
            <ul>{bad_lines}</ul>
            <details>
                <summary>{count}</summary>
                <ul>{good_lines}</ul>
            </details>
        </div>
    }
    .into_any()
}

fn finding(finding: &Finding) -> AnyView {
    let (tone, word) = match finding.level {
        FindingLevel::Ok => ("badge good", "well"),
        FindingLevel::Warn => ("badge warn", "could be better"),
        FindingLevel::Fail => ("badge bad", "broken"),
    };
    let mend = finding.mend.clone().map(|mend| {
        view! { <p class="hint"><b>{t("To mend it:")}</b> " " {say(&mend)}</p> }
    });
    view! {
        <li data-key=finding.name.clone()>
            <span class=tone><i aria-hidden="true"></i>{t(word)}</span>
            <div><b>{say(&finding.name)}</b> ": " {say(&finding.found)} {mend}</div>
        </li>
    }
    .into_any()
}

fn pools(shown: &HostsView) -> AnyView {
    let line = |label: &'static str, what: String, share: Share| {
        let text = tf(
            "{used} of {total}",
            &[("used", &share.used), ("total", &share.total)],
        );
        let full = percent(share.used, share.total);
        view! {
            <div>
                <dt>{t(label)}</dt>
                <dd><Bar label="" text=Some(text) percent=full/></dd>
                {(!what.is_empty()).then(|| view! { <dd class="hint">{what}</dd> })}
            </div>
        }
    };
    view! {
        <section class="panel" aria-labelledby="pools">
            <h2 id="pools">{t("What clusters are given")}</h2>
            <dl class="facts host-facts">
                {line("Networks", shown.network_pool.clone(), shown.subnets)}
                {line("Ports of the front door", String::new(), shown.ports)}
                {line("Ranges of user ids", t("65,536 each").to_owned(), shown.id_ranges)}
                <div>
                    <dt>{t("Image of new segments")}</dt>
                    <dd><code>{if shown.image.is_empty() { "—".to_owned() } else { shown.image.clone() }}</code></dd>
                </div>
            </dl>
        </section>
    }
    .into_any()
}
