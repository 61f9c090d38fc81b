//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A duration as protocol buffers write it in JSON: seconds with an `s`, such as `"300s"` or `"1.5s"`.
public struct ProtobufDuration: Sendable, Hashable {
    /// The duration.
    public var duration: Duration

    /// Wraps a duration.
    public init(_ duration: Duration) { self.duration = duration }

    /// A number of seconds.
    public static func seconds(_ seconds: Int64) -> ProtobufDuration { ProtobufDuration(.seconds(seconds)) }

    /// Reads the text of a duration; nil when it is not one.
    ///
    /// - Parameter text: Up to twelve digits, optionally a point and up to nine more, then `s`.
    public init?(_ text: String) {
        guard text.utf8.count <= 24, text.hasSuffix("s") else { return nil }
        var digits = text.dropLast()
        let isNegative = digits.hasPrefix("-")
        if isNegative { digits = digits.dropFirst() }
        let parts = digits.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, Self.isDigits(whole), whole.count <= 12, let seconds = Int64(whole) else {
            return nil
        }
        var nanoseconds: Int64 = 0
        if parts.count == 2 {
            guard Self.isDigits(parts[1]), parts[1].count <= 9,
                let value = Int64(parts[1] + String(repeating: "0", count: 9 - parts[1].count))
            else { return nil }
            nanoseconds = value
        }
        let length = Duration.seconds(seconds) + .nanoseconds(nanoseconds)
        self.duration = isNegative ? .zero - length : length
    }

    private static func isDigits(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
}

extension ProtobufDuration: CustomStringConvertible {
    /// The text on the wire, with nanoseconds at most.
    public var description: String {
        let (seconds, attoseconds) = self.duration.components
        let nanoseconds = attoseconds / 1_000_000_000
        let sign = seconds < 0 || nanoseconds < 0 ? "-" : ""
        guard nanoseconds != 0 else { return "\(sign)\(seconds.magnitude)s" }
        var fraction = String(nanoseconds.magnitude)
        fraction = String(repeating: "0", count: max(0, 9 - fraction.count)) + fraction
        while fraction.hasSuffix("0") { fraction.removeLast() }
        return "\(sign)\(seconds.magnitude).\(fraction)s"
    }
}

extension ProtobufDuration: Codable {
    /// Reads the text of a duration.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = ProtobufDuration(text) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "not a duration in seconds such as \"300s\": '\(text.prefix(32))'"
            )
        }
        self = value
    }

    /// Writes the text of the duration.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(self.description)
    }
}
