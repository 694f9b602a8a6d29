// Two models at a time: one session keeps a core busy, and a page in a detector takes some hundred megabytes.
[assembly: Parallelize(Scope = ExecutionScope.MethodLevel, Workers = 2)]
