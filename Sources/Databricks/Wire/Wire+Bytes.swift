//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import Secrets

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Bytes that JSON carries as base64.
public enum Base64Coding: WireCoding {
    /// Reads base64 with padding and without line breaks.
    public static func decode(from decoder: any Decoder) throws -> Data {
        let container = try decoder.singleValueContainer()
        guard let data = Data(base64Encoded: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not base64")
        }
        return data
    }

    /// Writes base64 with padding and without line breaks.
    public static func encode(_ value: Data, to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value.base64EncodedString())
    }
}

/// A secret text that is sent to or received from the service.
///
/// `Secret` cannot be encoded by accident; this coding marks the fields whose secret has to be sent.
public enum SecretCoding: WireCoding {
    /// Reads a text as a secret.
    public static func decode(from decoder: any Decoder) throws -> Secret {
        Secret(try decoder.singleValueContainer().decode(String.self))
    }

    /// Writes the text.
    public static func encode(_ value: Secret, to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try value.withUnsafeValue { try container.encode($0) }
    }
}
