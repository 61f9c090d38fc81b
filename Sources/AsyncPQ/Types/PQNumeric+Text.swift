//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension PQNumeric {
    /// The most decimal digits before the point, and after it (PostgreSQL documentation, "Arbitrary Precision Numbers").
    private static let limits = (whole: 131_072, fraction: 16_383)

    /// Reads a number as SQL writes it: `-1.50`, `1.5e-3`, `NaN`, `Infinity`, `-inf`.
    ///
    /// Nil for other text, and for a number with more digits than the type holds.
    public init?(_ text: some StringProtocol) {
        // Long numbers are read several times over, and an array is the fastest to read.
        let bytes = Array(text.utf8)
        let isNegative = bytes.first == UInt8(ascii: "-")
        let hasSign = isNegative || bytes.first == UInt8(ascii: "+")
        let rest = bytes.dropFirst(hasSign ? 1 : 0)
        switch rest.count <= 8 ? String(decoding: rest, as: UTF8.self).lowercased() : "" {
        case "nan" where !hasSign: self = .nan
        case "infinity", "inf": self = isNegative ? .negativeInfinity : .infinity
        default:
            guard let number = Self(isNegative: isNegative, rest) else { return nil }
            self = number
        }
    }

    private init?(isNegative: Bool, _ text: ArraySlice<UInt8>) {
        let end = text.firstIndex { $0 == UInt8(ascii: "e") || $0 == UInt8(ascii: "E") }
        var exponent = 0
        if let end {
            let digits = text[(end + 1)...]
            guard digits.count <= 8, let number = Int(String(decoding: digits, as: UTF8.self)) else { return nil }
            exponent = number
        }
        var digits: [UInt8] = []
        digits.reserveCapacity(text.count + 8)
        var fraction: Int?
        for byte in text[..<(end ?? text.endIndex)] {
            if byte == UInt8(ascii: "."), fraction == nil {
                fraction = 0
            } else {
                guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
                digits.append(byte - UInt8(ascii: "0"))
                fraction = fraction.map { $0 + 1 }
            }
        }
        guard !digits.isEmpty else { return nil }
        // The value is the digits as a whole number times 10 to the power of this.
        let power = exponent - (fraction ?? 0)
        let scale = Swift.max(0, -power)
        let zeros = digits.prefix { $0 == 0 }.count
        guard scale <= Self.limits.fraction, zeros == digits.count || digits.count - zeros + power <= Self.limits.whole
        else { return nil }
        // Groups of four are counted from the point.
        let padding = ((power % 4) + 4) % 4
        digits.append(contentsOf: repeatElement(0, count: padding))
        var groups: [UInt16] = []
        groups.reserveCapacity(digits.count / 4 + 1)
        var group: UInt16 = 0
        for (index, digit) in digits.enumerated() {
            group = group * 10 + UInt16(digit)
            guard (digits.count - index) % 4 == 1 else { continue }
            groups.append(group)
            group = 0
        }
        self.init(
            isNegative: isNegative, digits: groups, weight: (power - padding) / 4 + groups.count - 1, scale: scale)
    }
}

extension PQNumeric: CustomStringConvertible {
    /// As `psql` shows it, with all zeros after the point: `-1.50`, `NaN`, `Infinity`.
    public var description: String {
        switch self.kind {
        case .notANumber: return "NaN"
        case .infinity: return "Infinity"
        case .negativeInfinity: return "-Infinity"
        case .finite(let isNegative):
            var text: [UInt8] = isNegative ? [UInt8(ascii: "-")] : []
            let start = text.count
            for place in stride(from: Swift.max(self.weight, 0), through: 0, by: -1) { self.append(place, to: &text) }
            let zeros = text[start...].prefix { $0 == UInt8(ascii: "0") }.count
            text.removeSubrange(start..<start + Swift.min(zeros, text.count - start - 1))
            if self.scale > 0 {
                text.append(UInt8(ascii: "."))
                let end = text.count + self.scale
                var place = -1
                while text.count < end {
                    self.append(place, to: &text)
                    place -= 1
                }
                text.removeLast(text.count - end)
            }
            return String(decoding: text, as: UTF8.self)
        }
    }

    /// Appends the four decimal digits that count 10,000 to the power of `place`.
    private func append(_ place: Int, to text: inout [UInt8]) {
        let index = self.weight - place
        var rest = self.digits.indices.contains(index) ? self.digits[index] : 0
        for power: UInt16 in [1000, 100, 10, 1] {
            text.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest / power))
            rest %= power
        }
    }
}
