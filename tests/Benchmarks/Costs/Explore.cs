namespace Benchmarks.Costs;

internal static class Explore
{
    public static int Run()
    {
        void Show(string title, MeasuredModel model, string output)
        {
            var (f, i) = ProfiledPair.Run(model, output);
            Console.WriteLine($"{title}\n   float {string.Join(" ", f.Select(t => $"{t.Operation}:{t.Nanoseconds / 1000:F1}"))}\n   int8  {string.Join(" ", i.Select(t => $"{t.Operation}:{t.Nanoseconds / 1000:F1}"))}");
        }

        foreach (var (a, b, k, g, h) in new[] { (16, 16, 1, 1, 56), (32, 32, 1, 1, 56), (64, 64, 1, 1, 56), (64, 64, 1, 1, 14), (128, 128, 1, 1, 28), (16, 96, 1, 1, 56), (96, 24, 1, 1, 56), (18, 18, 1, 1, 56), (50, 50, 1, 1, 28),
            (8, 8, 3, 1, 56), (16, 16, 3, 1, 56), (32, 32, 3, 1, 28), (64, 64, 3, 1, 28), (64, 64, 3, 1, 14), (64, 64, 3, 1, 7), (18, 18, 3, 1, 28), (50, 50, 3, 1, 14), (1, 16, 3, 1, 56), (3, 16, 3, 1, 112), (3, 64, 7, 1, 56), (96, 96, 3, 96, 56), (96, 96, 3, 96, 14), (24, 24, 3, 24, 56), (72, 72, 3, 72, 56), (96, 96, 5, 96, 28), (72, 72, 5, 72, 28), (32, 32, 3, 4, 56), (128, 128, 3, 4, 28) })
        {
            var m = new MeasuredModel(1, a, h, h);
            Show($"{a}->{b} k{k} g{g} {h}²", m, m.Convolution("x", "conv", a, b, k, g));
        }

        foreach (var act in new[] { "HardSwish", "HardSigmoid", "Sigmoid" })
        {
            var m = new MeasuredModel(1, 64, 28, 28);
            Show(act, m, m.Convolution(m.Operation(act, "h", m.Convolution("x", "c1", 64, 64, 1, relu: false)), "c2", 64, 64, 1));
        }

        {
            var m = new MeasuredModel(1, 32, 28, 28);
            var v = m.Convolution("x", "a", 32, 32, 1); v = m.Convolution(v, "b", 32, 32, 1); v = m.Convolution(v, "c", 32, 32, 1); v = m.Convolution(v, "d", 32, 32, 1);
            m.KeepFloat.AddRange(["a", "d", "a_n", "d_n"]);
            Show("borders FIIF", m, v);
        }

        foreach (var op in new[] { "Add", "Mul", "Concat", "MaxPool", "AveragePool", "GlobalAveragePool", "LeakyRelu" })
        {
            var m = new MeasuredModel(1, 32, 28, 28);
            var r = m.Convolution("x", "a", 32, 32, 1);
            var e = m.Convolution(r, "b", 32, 32, 1);
            var j = op is "Add" or "Mul" or "Concat" ? m.Operation(op, "j", r, e) : op.EndsWith("Pool") && !op.StartsWith("Global") ? m.Pooling(op, e) : m.Operation(op, "j", e);
            if (op == "Concat") m.With("axis", 1);
            Show(op, m, m.Convolution(j, "c", op == "Concat" ? 64 : 32, 32, 1));
        }

        foreach (var (op, rows, a, b) in new[] { ("Gemm", 1, 64, 64), ("Gemm", 1, 256, 256), ("Gemm", 1, 1024, 1024), ("Gemm", 1, 256, 10), ("Gemm", 16, 256, 256), ("Gemm", 64, 256, 256), ("Gemm", 64, 64, 64) })
        {
            var m = new MeasuredModel(rows, a);
            Show($"{op} {rows}x{a}x{b}", m, m.Product("x", op, a, b));
        }

        foreach (var (rows, a, b) in new[] { (1, 64, 64), (16, 256, 256), (64, 64, 64), (64, 256, 1024) })
        {
            var m = new MeasuredModel(1, rows, a);
            Show($"MatMul {rows}x{a}x{b}", m, m.Product("x", "MatMul", a, b));
        }

        foreach (var (a, h) in new[] { (16, 1000), (64, 400), (128, 200) })
        {
            var m = new MeasuredModel(1, a, h);
            Show($"1-D {a}", m, m.Convolution("x", "conv", a, a, 3, dimensions: 1));
        }

        return 0;
    }
}
