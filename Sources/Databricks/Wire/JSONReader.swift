//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Reads JSON from outside in one pass: each byte is looked at once, however the values are nested.
///
/// `JSONDecoder` finds out by trial what a ``JSONValue`` is, at each level again, which costs the cube of the depth. This is strict (RFC
/// 8259): no key comes twice in an object, no escape stands for half a character, no number is beyond a `Double`.
package struct JSONReader: ~Copyable {
    /// The limits for reading.
    package struct Limits: Sendable, Hashable {
        /// The maximum depth of nested arrays and objects.
        package var depth: Int
        /// The maximum number of values.
        package var values: Int

        package init(depth: Int = 64, values: Int = 100_000) {
            self.depth = depth
            self.values = values
        }
    }

    /// The reason why a text was not read.
    package enum Problem: Error, Sendable, Hashable, CustomStringConvertible {
        case tooDeep(limit: Int)
        case tooMany(limit: Int)
        case malformed(byte: Int)

        package var description: String {
            switch self {
            case .tooDeep(let limit): "more than \(limit) arrays and objects are nested"
            case .tooMany(let limit): "there are more than \(limit) values"
            case .malformed(let byte): "byte \(byte) makes it invalid JSON"
            }
        }
    }

    private let bytes: [UInt8]
    private let limits: Limits
    private var index = 0
    private var depth = 0
    private var count = 0

    private init(_ bytes: [UInt8], _ limits: Limits) {
        self.bytes = bytes
        self.limits = limits
    }

    /// Reads the bytes as a value.
    package static func value(of bytes: some Sequence<UInt8>, limits: Limits = Limits()) throws(Problem) -> JSONValue {
        var reader = JSONReader(Array(bytes), limits)
        let value = try reader.value()
        reader.skipBlanks()
        guard reader.index == reader.bytes.count else { throw reader.malformed }
        return value
    }

    /// Checks depth and number of values only, before another decoder reads the bytes.
    package static func check(_ bytes: some Sequence<UInt8>, limits: Limits = Limits()) throws(Problem) {
        var depth = 0
        var count = 1
        var isText = false
        var isEscaped = false
        for byte in bytes {
            if isText {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isText = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isText = true
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                depth += 1
                count += 1
                guard depth <= limits.depth else { throw .tooDeep(limit: limits.depth) }
            case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
            case UInt8(ascii: ","): count += 1
            default: break
            }
            guard count <= limits.values else { throw .tooMany(limit: limits.values) }
        }
    }

    // MARK: Values

    private mutating func value() throws(Problem) -> JSONValue {
        self.skipBlanks()
        self.count += 1
        guard self.count <= self.limits.values else { throw .tooMany(limit: self.limits.values) }
        switch self.next {
        case UInt8(ascii: "{"): return .object(try self.nested { reader throws(Problem) in try reader.members() })
        case UInt8(ascii: "["): return .array(try self.nested { reader throws(Problem) in try reader.elements() })
        case UInt8(ascii: "\""): return .string(try self.text())
        case UInt8(ascii: "t"): return try self.word("true", .boolean(true))
        case UInt8(ascii: "f"): return try self.word("false", .boolean(false))
        case UInt8(ascii: "n"): return try self.word("null", .null)
        default: return try self.number()
        }
    }

    private mutating func nested<Value>(
        _ body: (inout JSONReader) throws(Problem) -> Value
    ) throws(Problem) -> Value {
        self.depth += 1
        guard self.depth <= self.limits.depth else { throw .tooDeep(limit: self.limits.depth) }
        self.index += 1
        let value = try body(&self)
        self.depth -= 1
        return value
    }

    private mutating func members() throws(Problem) -> [String: JSONValue] {
        // By bytes: as a String, a name equals another that differs in its normal form.
        var names = Set<[UInt8]>()
        var members: [String: JSONValue] = [:]
        self.skipBlanks()
        if self.take(UInt8(ascii: "}")) { return members }
        repeat {
            self.skipBlanks()
            let start = self.malformed
            guard self.next == UInt8(ascii: "\"") else { throw start }
            let name = try self.text()
            self.skipBlanks()
            guard self.take(UInt8(ascii: ":")), names.insert(Array(name.utf8)).inserted, members[name] == nil else {
                throw start
            }
            members[name] = try self.value()
            self.skipBlanks()
        } while self.take(UInt8(ascii: ","))
        guard self.take(UInt8(ascii: "}")) else { throw self.malformed }
        return members
    }

    private mutating func elements() throws(Problem) -> [JSONValue] {
        var elements: [JSONValue] = []
        self.skipBlanks()
        if self.take(UInt8(ascii: "]")) { return elements }
        repeat {
            elements.append(try self.value())
            self.skipBlanks()
        } while self.take(UInt8(ascii: ","))
        guard self.take(UInt8(ascii: "]")) else { throw self.malformed }
        return elements
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(Problem) -> JSONValue {
        let matches = word.withUTF8Buffer { self.bytes[self.index...].starts(with: $0) }
        guard matches else { throw self.malformed }
        self.index += word.utf8CodeUnitCount
        return value
    }

    // MARK: Texts

    private mutating func text() throws(Problem) -> String {
        self.index += 1
        let start = self.index
        var escaped: [UInt8]?
        while let byte = self.next {
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: escaped ?? Array(self.bytes[start..<self.index]), as: UTF8.self)
                else {
                    throw .malformed(byte: start)
                }
                self.index += 1
                return text
            case UInt8(ascii: "\\"):
                var soFar = escaped ?? Array(self.bytes[start..<self.index])
                try self.escape(into: &soFar)
                escaped = soFar
            case 0..<0x20: throw self.malformed
            default:
                self.index += 1
                escaped?.append(byte)
            }
        }
        throw self.malformed
    }

    private mutating func escape(into text: inout [UInt8]) throws(Problem) {
        self.index += 1
        guard let byte = self.next else { throw self.malformed }
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(8)
        case UInt8(ascii: "f"): text.append(12)
        case UInt8(ascii: "n"): text.append(10)
        case UInt8(ascii: "r"): text.append(13)
        case UInt8(ascii: "t"): text.append(9)
        case UInt8(ascii: "u"):
            let start = self.malformed
            var code = try self.hexadecimal()
            if (0xD800..<0xDC00).contains(code) {
                self.index += 1
                guard self.take(UInt8(ascii: "\\")), self.next == UInt8(ascii: "u") else { throw start }
                let low = try self.hexadecimal()
                guard (0xDC00..<0xE000).contains(low) else { throw start }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw start }
            text += Array(Character(scalar).utf8)
        default: throw self.malformed
        }
        self.index += 1
    }

    /// Four digits after a `u`, up to the last.
    private mutating func hexadecimal() throws(Problem) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            self.index += 1
            guard let byte = self.next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw self.malformed
            }
            code = code << 4 | UInt32(digit)
        }
        return code
    }

    // MARK: Numbers

    private mutating func number() throws(Problem) -> JSONValue {
        let start = self.index
        _ = self.take(UInt8(ascii: "-"))
        let first = self.next
        guard self.digits() > 0, first != UInt8(ascii: "0") || self.index - start <= (self.bytes[start] == 0x2D ? 2 : 1)
        else { throw .malformed(byte: start) }
        var isWhole = true
        if self.take(UInt8(ascii: ".")) {
            isWhole = false
            guard self.digits() > 0 else { throw self.malformed }
        }
        if self.take(UInt8(ascii: "e")) || self.take(UInt8(ascii: "E")) {
            isWhole = false
            if !self.take(UInt8(ascii: "+")) { _ = self.take(UInt8(ascii: "-")) }
            guard self.digits() > 0 else { throw self.malformed }
        }
        let text = String(decoding: self.bytes[start..<self.index], as: UTF8.self)
        if isWhole, let value = Int64(text) { return .integer(value) }
        guard let value = Double(text), value.isFinite else { throw .malformed(byte: start) }
        // As the services write 1.0 where they mean 1.
        if let whole = Int64(exactly: value), whole.magnitude < 1 << 53 { return .integer(whole) }
        return .number(value)
    }

    private mutating func digits() -> Int {
        let start = self.index
        while let byte = self.next, (48...57).contains(byte) { self.index += 1 }
        return self.index - start
    }

    // MARK: Bytes

    private var next: UInt8? { self.index < self.bytes.count ? self.bytes[self.index] : nil }

    private var malformed: Problem { .malformed(byte: self.index) }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard self.next == byte else { return false }
        self.index += 1
        return true
    }

    private mutating func skipBlanks() {
        while let byte = self.next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { self.index += 1 }
    }
}
