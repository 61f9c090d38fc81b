//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Testing

@testable import LakebaseCLI

@Suite("The lines about slow work")
struct ProgressTests {
    @Test func `nothing is shown in the first two seconds, anywhere`() {
        for medium in [ProgressLines.Medium.terminal, .lines] {
            var lines = ProgressLines(medium, .slow)
            #expect(lines.begin("working", at: .zero) == nil)
            #expect(lines.tell("on something", at: .seconds(1)) == nil)
            #expect(lines.line(at: .milliseconds(1999)) == nil)
            #expect(lines.line(at: .seconds(2)) == "lakebase: working: on something (2 s)")
        }
    }

    @Test func `a terminal shows each change once`() {
        var lines = ProgressLines(.terminal, .slow)
        #expect(lines.begin("working", at: .seconds(2)) == "lakebase: working (2 s)")
        #expect(lines.line(at: .milliseconds(2500)) == nil)
        #expect(lines.line(at: .seconds(3)) == "lakebase: working (3 s)")
        #expect(lines.tell("on something", at: .milliseconds(3100)) == "lakebase: working: on something (3 s)")
        #expect(lines.begin("resting", at: .milliseconds(3200)) == "lakebase: resting (3 s)")
    }

    @Test func `a file gets a line for each step, one every ten seconds, and none for a detail`() {
        var lines = ProgressLines(.lines, .slow)
        #expect(lines.begin("working", at: .seconds(2)) == "lakebase: working (2 s)")
        #expect(lines.line(at: .seconds(3)) == nil)
        #expect(lines.tell("on something", at: .seconds(4)) == nil)
        #expect(lines.begin("resting", at: .seconds(5)) == "lakebase: resting (5 s)")
        #expect(lines.begin("resting", at: .seconds(14)) == nil)
        #expect(lines.begin("resting", at: .seconds(15)) == "lakebase: resting (15 s)")
    }

    @Test func `steps that are counted begin at zero each, are shown at once, and end`() {
        for medium in [ProgressLines.Medium.terminal, .lines] {
            var lines = ProgressLines(medium, .steps)
            #expect(lines.line(at: .seconds(1)) == nil)
            #expect(lines.begin("[1/2] one", at: .seconds(20)) == "[1/2] one")
            #expect(lines.line(at: .seconds(31)) == "[1/2] one (11 s)")
            lines.endStep()
            #expect(lines.line(at: .seconds(50)) == nil)
            #expect(lines.begin("[2/2] two", at: .seconds(51)) == "[2/2] two")
        }
    }

    @Test func `a slow step among quick ones is shown alone`() {
        var lines = ProgressLines(.lines, .slowSteps)
        for second in 0..<5 {
            #expect(lines.begin("quick \(second)", at: .seconds(second)) == nil)
            lines.endStep()
        }
        #expect(lines.begin("slow", at: .seconds(5)) == nil)
        #expect(lines.line(at: .seconds(7)) == "lakebase: slow (2 s)")
    }
}
