//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A password, token or client secret that cannot be printed by accident.
///
/// Printing, interpolating, reflecting or dumping a secret yields `<redacted>`. It is not `Encodable`, so it cannot
/// slip into a JSON body or a property list either. The one way to the text is ``withUnsafeValue(_:)``, whose name
/// makes each use easy to find in a review.
public struct Secret: Sendable, Hashable {
    private let storage: Storage

    /// Wraps a text.
    ///
    /// The caller should not keep another copy of it.
    public init(_ value: String) {
        self.storage = Storage(value)
    }

    /// Passes the text to `body`, for the moment in which it is sent.
    ///
    /// - Parameter body: Must neither log the value nor put it in an error.
    public func withUnsafeValue<Result, Failure: Error>(
        _ body: (String) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(self.storage.value)
    }

    /// Whether there is no text at all.
    ///
    /// An empty password counts as absent everywhere in this project.
    public var isEmpty: Bool { self.storage.value.isEmpty }

    /// Compares in constant time for texts of the same length.
    public static func == (lhs: Secret, rhs: Secret) -> Bool {
        // Looks at every byte whatever the first difference, so that timing says nothing about where it is.
        let left = Array(lhs.storage.value.utf8)
        let right = Array(rhs.storage.value.utf8)
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for index in left.indices { difference |= left[index] ^ right[index] }
        return difference == 0
    }

    /// Feeds the text to the hasher, which keeps nothing of it.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(self.storage.value)
    }

    /// A class, so that reflection of the struct finds a reference and not the text.
    private final class Storage: Sendable, CustomReflectable {
        let value: String

        init(_ value: String) { self.value = value }

        var customMirror: Mirror { Mirror(self, children: [:]) }
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Always `<redacted>`.
    public var description: String { "<redacted>" }
    /// Always `<redacted>`.
    public var debugDescription: String { "<redacted>" }
    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
