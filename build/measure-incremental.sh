#!/usr/bin/env bash
# Prints what our targets and tasks cost in an up-to-date build of an application, which has one variant of its model, and of a library, which has four; both use the package, with the sample's model and data.
# The budget is 50 ms.
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

echo 'internal static class Program { private static void Main() { } }' >"$folder/Program.cs"

export NUGET_PACKAGES="$folder/packages"
for kind in Exe Library; do
  dotnet build "$folder" -v:q -nologo "-p:OutputType=$kind" -p:UseAppHost=false
  for run in 1 2 3 4 5; do
    dotnet build "$folder" -v:q -nologo "-p:OutputType=$kind" -p:UseAppHost=false "-bl:$folder/$kind-$run.binlog" >"$folder/$kind-$run.log"
  done
done
unset NUGET_PACKAGES
cd "$repository"
for kind in Exe Library; do
  echo "$kind:"
  dotnet run build/BuildLogTimes.cs -- "$folder/$kind"-[1-5].binlog
done
