// Two builds at a time: each `dotnet build` is a process of its own that keeps a core busy.
[assembly: Parallelize(Scope = ExecutionScope.ClassLevel, Workers = 2)]
