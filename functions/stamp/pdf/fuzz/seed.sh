#!/bin/sh
# Seeds every target with the small documents below some folders: fuzz/seed.sh FOLDER...
set -eu
here=$(dirname "$0")
for target in preflight stamp verify; do
    mkdir -p "$here/corpus/$target"
    cp "$here"/regressions/* "$here/corpus/$target"
    find "$@" -iname '*.pdf' -size -40k | while IFS= read -r file; do
        cp "$file" "$here/corpus/$target/$(sha256sum "$file" | cut -c1-16)"
    done
done
