#!/usr/bin/env bash
# Prints what our targets and tasks cost in an up-to-date build of the sample, read from its binary log. The budget is 50 ms.
set -euo pipefail
cd "$(dirname "$0")/.."
log="$(mktemp -d)/incremental.binlog"
trap 'rm -rf "$(dirname "$log")"' EXIT
dotnet build samples/DigitReader -v:q -nologo
dotnet build samples/DigitReader -v:q -nologo -nodereuse:false "-bl:$log"
dotnet run build/BuildLogTimes.cs -- "$log"
