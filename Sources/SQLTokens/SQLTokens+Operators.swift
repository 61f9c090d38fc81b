//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A run of operator characters, up to its end or to a comment in it.
///
/// It is looked at once and remembered, since the tokens of a run can be many: `++++` are four.
struct OperatorRun: Sendable {
    /// The index at which the run ends or a comment begins.
    var end = 0
    /// The index at which the plus and minus signs at its end begin.
    var signs = 0
    /// The last character that no operator of the SQL standard contains, which lets an operator end with a sign.
    var lastSpecial = -1
}

extension SQLTokens {
    /// Skips an operator.
    mutating func takeOperator() {
        if self.index >= self.run.end { self.run = self.operatorRun() }
        let endsWithSign = self.run.signs < self.run.end
        if endsWithSign, self.run.lastSpecial < self.index {
            self.index = Swift.max(self.index + 1, self.run.signs)
        } else {
            self.index = self.run.end
        }
    }

    private func operatorRun() -> OperatorRun {
        var run = OperatorRun(end: self.index, signs: self.index)
        while let byte = self.byte(run.end), Self.isOperator(byte) {
            let next = self.byte(run.end + 1)
            if byte == UInt8(ascii: "-"), next == UInt8(ascii: "-") { break }
            if byte == UInt8(ascii: "/"), next == UInt8(ascii: "*") { break }
            if Self.isSpecialOperator(byte) { run.lastSpecial = run.end }
            run.end += 1
            if byte != UInt8(ascii: "+"), byte != UInt8(ascii: "-") { run.signs = run.end }
        }
        return run
    }

    private static func isSpecialOperator(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "~"), UInt8(ascii: "!"), UInt8(ascii: "@"), UInt8(ascii: "#"), UInt8(ascii: "^"),
            UInt8(ascii: "&"), UInt8(ascii: "|"), UInt8(ascii: "`"), UInt8(ascii: "?"), UInt8(ascii: "%"):
            true
        case _: false
        }
    }

    static func isOperator(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "/"), UInt8(ascii: "<"),
            UInt8(ascii: ">"), UInt8(ascii: "="):
            true
        case _: Self.isSpecialOperator(byte)
        }
    }
}
