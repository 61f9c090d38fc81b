//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Reads and writes values for which JSON has no type.
public protocol WireCoding {
    /// The type the rest of the program uses.
    associatedtype Value: Sendable, Hashable
    /// Reads a value that is present.
    static func decode(from decoder: any Decoder) throws -> Value
    /// Reads a value, or ignores it if it cannot be read.
    ///
    /// The default passes over nothing.
    static func decodeIfUsable(from decoder: any Decoder) throws -> Value?
    /// Writes a value.
    static func encode(_ value: Value, to encoder: any Encoder) throws
}

extension WireCoding {
    /// Reads a value; a value that cannot be read is an error.
    public static func decodeIfUsable(from decoder: any Decoder) throws -> Value? { try self.decode(from: decoder) }
}

/// An optional field of a resource whose text on the wire differs from its type in Swift.
///
/// With it a resource reads and writes the same JSON whatever strategies its encoder or decoder was given. An absent key and a
/// `null` are read as nil; nil is written as nothing.
@propertyWrapper
public struct Wire<Coding: WireCoding>: Sendable, Hashable, Codable {
    /// The value, if there is one.
    public var wrappedValue: Coding.Value?

    /// Wraps a value.
    public init(wrappedValue: Coding.Value?) { self.wrappedValue = wrappedValue }

    /// Reads a value or `null`.
    public init(from decoder: any Decoder) throws {
        if let container = try? decoder.singleValueContainer(), container.decodeNil() {
            self.wrappedValue = nil
        } else {
            self.wrappedValue = try Coding.decodeIfUsable(from: decoder)
        }
    }

    /// Writes the value, or `null` where a key has been written already.
    public func encode(to encoder: any Encoder) throws {
        if let value = self.wrappedValue {
            try Coding.encode(value, to: encoder)
        } else {
            var container = encoder.singleValueContainer()
            try container.encodeNil()
        }
    }
}

extension KeyedDecodingContainer {
    /// Reads a wrapped field, nil when the key is absent.
    ///
    /// Synthesized conformances call this in place of the generic method, which insists on the key.
    public func decode<Coding>(_ type: Wire<Coding>.Type, forKey key: Key) throws -> Wire<Coding> {
        try self.decodeIfPresent(type, forKey: key) ?? Wire(wrappedValue: nil)
    }
}

extension KeyedEncodingContainer {
    /// Writes a wrapped field, and nothing at all when it is nil.
    public mutating func encode<Coding>(_ value: Wire<Coding>, forKey key: Key) throws {
        if value.wrappedValue != nil { try self.encodeIfPresent(value, forKey: key) }
    }
}

/// A whole number that some services write as text, as protocol buffers do with 64 bits.
public enum IntegerCoding: WireCoding {
    /// Reads a number or the text of one.
    public static func decode(from decoder: any Decoder) throws -> Int64 {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Int64.self) { return number }
        let text = try container.decode(String.self)
        guard let number = Int64(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a whole number")
        }
        return number
    }

    /// Writes a number.
    public static func encode(_ value: Int64, to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}

/// A text that some services write as a number, such as a workspace's id.
public enum LossyString: WireCoding {
    /// Reads a text or a whole number.
    public static func decode(from decoder: any Decoder) throws -> String {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Int64.self) { return String(number) }
        return try container.decode(String.self)
    }

    /// Writes a text.
    public static func encode(_ value: String, to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}
