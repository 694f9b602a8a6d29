using EdgePublish;

// Publishes DigitReader for three kinds of devices and shows which variant of its model each of them gets.
string[] targets = args.Length > 0 ? args : ["linux-x64", "linux-arm64", "win-x64"];
var publication = Publication.Of("DigitReader");
var rows = new List<VariantRow>();
foreach (var target in targets)
{
    Console.WriteLine($"dotnet publish samples/{publication.Name} -r {target}");
    if (!publication.Run(target))
    {
        return 1;
    }

    rows.Add(VariantRow.Of(target, publication.Report(target)));
}

Console.WriteLine();
Console.Write(VariantTable.Text(rows));
return 0;
