#!/usr/bin/env bash
# Prints what our targets and tasks cost in an up-to-date build of a project that uses the package, with the sample's model and data. The budget is 50 ms.
set -euo pipefail
cd "$(dirname "$0")/.."
repository="$PWD"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT

dotnet pack src/ModelBuildTasks -c Release -o "$folder/feed" -p:PackageVersion=0.1.0-measured -v:q -nologo
cp samples/DigitReader/models/digits.onnx samples/DigitReader/data/*.npz "$folder"
cat >"$folder/nuget.config" <<XML
<configuration>
  <packageSources><add key="measured" value="$folder/feed" /></packageSources>
</configuration>
XML
cat >"$folder/Measured.csproj" <<XML
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
  <ItemGroup>
    <PackageReference Include="ModelBuildTasks" Version="0.1.0-measured" PrivateAssets="all" />
    <AiModel Include="digits.onnx" Quantize="int8" Calibration="digits.calibration.npz" Validation="digits.test.npz" />
  </ItemGroup>
</Project>
XML

export NUGET_PACKAGES="$folder/packages"
dotnet build "$folder" -v:q -nologo
for run in 1 2 3 4 5; do
  dotnet build "$folder" -v:q -nologo "-bl:$folder/$run.binlog" >"$folder/$run.log"
done
unset NUGET_PACKAGES
cd "$repository"
dotnet run build/BuildLogTimes.cs -- "$folder"/[1-5].binlog
