#!/usr/bin/env bash
# Every link from one of our pages to another, or to a picture, leads somewhere; so does its #anchor.
source "$(dirname "$0")/env.sh"
cd "$ROOT"

# A heading's anchor, as GitHub makes it.
anchors() { # file
    sed -nE '/^```/,/^```/d; s/^#{1,6} +//p' "$1" | tr '[:upper:]' '[:lower:]' |
        sed -E 's/[^[:alnum:] _-]//g; s/ /-/g'
}

broken=0
while IFS= read -r page; do
    while IFS= read -r link; do
        file=${link%%#*} anchor=
        [ "$file" = "$link" ] || anchor=${link#*#}
        to=$page
        [ -z "$file" ] || to=$(dirname "$page")/$file
        if [ ! -e "$to" ]; then
            echo "$page: $link leads nowhere" >&2
            broken=1
        elif [ -n "$anchor" ] && ! anchors "$to" | grep -qxF -- "$anchor"; then
            echo "$page: there is no heading for $link" >&2
            broken=1
        fi
    done < <(sed '/^```/,/^```/d' "$page" | grep -oE '\]\([^)[:space:]]+\)' | sed 's/^](//; s/)$//' |
        grep -vE '^[a-z]+:' || true)
done < <(git ls-files --cached --others --exclude-standard '*.md')
[ "$broken" = 0 ] || fail "a link leads nowhere"
