using ModelBuildTasks.Compression.Execution;

namespace ModelBuildTasks.Compression.Tests.Execution;

/// <summary>Names of states as exporters write them.</summary>
[TestClass]
public sealed class StateNamesTests
{
    [TestMethod]
    [DataRow("h", "hn")]
    [DataRow("c", "cn")]
    [DataRow("h0", "hn")]
    [DataRow("h_0", "h_n")]
    [DataRow("state", "stateN")]
    [DataRow("state", "new_state")]
    [DataRow("state", "state_out")]
    [DataRow("prev_state", "next_state")]
    [DataRow("in_state", "out_state")]
    [DataRow("in_cache0", "out_cache0")]
    [DataRow("cached_len_3", "new_cached_len_3")]
    [DataRow("r1i", "r1o")]
    [DataRow("lstm_1.h_in", "lstm_1.h_out")]
    [DataRow("X", "X_out")]
    [DataRow("past_3", "present_3")]
    [DataRow("past_key_values.0.key", "present.0.key")]
    [DataRow("past_key_values.11.decoder.value", "present.11.decoder.value")]
    [DataRow("initialState", "finalState")]
    public void Belong_together(string input, string output) => Assert.IsTrue(StateNames.IsNext(input, output));

    [TestMethod]
    [DataRow("h", "c")]
    [DataRow("h", "cn")]
    [DataRow("input", "output")]
    [DataRow("x", "y")]
    [DataRow("past_1", "present_0")]
    [DataRow("past_key_values.0.key", "present.0.value")]
    [DataRow("cached_len_1", "new_cached_len_11")]
    [DataRow("0", "n")]
    [DataRow("", "")]
    [DataRow("图像", "输出")]
    public void Do_not_belong_together(string input, string output) => Assert.IsFalse(StateNames.IsNext(input, output));
}
