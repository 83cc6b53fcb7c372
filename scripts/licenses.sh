#!/usr/bin/env bash
# deny.toml by cargo-deny where it is installed (`cargo install cargo-deny`); otherwise its licenses,
# bans and sources by cargo's own metadata, which needs nothing built first.
source "$(dirname "$0")/env.sh"
cd "$ROOT"

if command -v cargo-deny >/dev/null; then
    cargo deny --log-level error --offline check bans licenses sources
    exit
fi

allowed=$(sed -n '/^allow = \[/,/^\]/s/^ *"\(.*\)",$/\1/p' deny.toml)
excepted=$(sed -n 's/.*{ crate = "\([^"]*\)", allow = .*/\1/p' deny.toml)
banned=$(sed -n '/^deny = \[/,/^\]/s/.*{ crate = "\([^"]*\)" }.*/\1/p' deny.toml)
[ -n "$allowed" ] && [ -n "$banned" ] || fail "deny.toml cannot be read"

metadata=$(cargo metadata --format-version 1 --filter-platform "$HOST_TRIPLE")
bad=0
# A license expression is fine when one alternative (OR, or the old slash) is allowed in every part (AND).
while IFS=$'\t' read -r crate version license source; do
    case $source in
        registry+*) ;;
        *) echo "licenses: $crate $version comes from $source" >&2; bad=1 ;;
    esac
    ! grep -qx "$crate" <<<"$banned" || { echo "licenses: $crate is banned by deny.toml" >&2; bad=1; }
    grep -qx "$crate" <<<"$excepted" && continue
    fine=
    while read -r alternative; do
        part_bad=
        while read -r part; do
            grep -qxF "$part" <<<"$allowed" || part_bad=1
        done < <(sed 's/ AND /\n/g; s/[()]//g' <<<"$alternative")
        [ -n "$part_bad" ] || fine=1
    done < <(sed 's/[()]//g; s: OR \|/:\n:g' <<<"$license")
    # "(A OR B) AND C" reads as "A" or "B AND C" above: a looser answer is caught by cargo-deny.
    [ -n "$fine" ] || { echo "licenses: $crate $version has \"$license\"" >&2; bad=1; }
done < <(jq -r '.packages[] | select(.source != null) | [.name, .version, (.license // "none"), .source] | @tsv' <<<"$metadata")
[ $bad = 0 ] || fail "see deny.toml"
