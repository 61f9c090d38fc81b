//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Decides which lines about slow work are written: a value without a clock and without a terminal.
///
/// Times are those since the work began.
struct ProgressLines: Sendable {
    /// Where the lines go.
    enum Medium: Sendable {
        /// One line that is rewritten.
        case terminal
        /// A line for each step, and one every ten seconds.
        case lines
    }

    /// How the work is shown.
    struct Style: Sendable {
        /// How long nothing is shown, from when the seconds are counted.
        var quiet: Duration
        /// What each line begins with.
        var label: String
        /// Whether the seconds are counted from the beginning of the step and not of the work.
        var countsSteps: Bool

        /// Work that is shown once it takes longer than two seconds.
        static let slow = Style(quiet: .seconds(2), label: "lakebase: ", countsSteps: false)
        /// Steps of which each is shown once it takes longer than two seconds.
        static let slowSteps = Style(quiet: .seconds(2), label: "lakebase: ", countsSteps: true)
        /// Steps of which each is shown at once.
        static let steps = Style(quiet: .zero, label: "", countsSteps: true)
    }

    private static let pause = Duration.seconds(10)

    private let medium: Medium
    private let style: Style
    /// What is being done.
    private(set) var step: String?
    private var detail: String?
    private var origin = Duration.zero
    /// The last line, with its step.
    private var written: (step: String, line: String, time: Duration)?

    init(_ medium: Medium, _ style: Style) {
        self.medium = medium
        self.style = style
    }

    /// Begins a step; the same words again change nothing.
    ///
    /// - Returns: A line to write now.
    mutating func begin(_ step: String, at time: Duration) -> String? {
        if self.step != step {
            (self.step, self.detail) = (step, nil)
            if self.style.countsSteps { (self.origin, self.written) = (time, nil) }
        }
        return self.line(at: time)
    }

    /// Tells more about the step.
    ///
    /// - Returns: A line to write now.
    mutating func tell(_ detail: String, at time: Duration) -> String? {
        self.detail = detail
        return self.line(at: time)
    }

    /// Ends the step: nothing is written until the next one begins.
    mutating func endStep() { (self.step, self.detail, self.written) = (nil, nil, nil) }

    /// The line to write at a time, if one is due.
    mutating func line(at time: Duration) -> String? {
        guard let step, time - self.origin >= self.style.quiet else { return nil }
        let seconds = (time - self.origin).components.seconds
        let words = [step, self.detail].compactMap { $0 }.joined(separator: ": ")
        let line = self.style.label + words + (seconds > 0 ? " (\(seconds) s)" : "")
        if let written {
            switch self.medium {
            case .terminal: guard written.line != line else { return nil }
            case .lines: guard written.step != step || time - written.time >= Self.pause else { return nil }
            }
        }
        self.written = (step, line, time)
        return line
    }
}
