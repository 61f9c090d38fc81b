//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Reads the various error formats of services, gateways and proxies.
enum ErrorParser {
    /// The maximum number of characters of a message.
    static let messageLimit = 2_000

    /// The error for an answer without a success status.
    static func error(from answer: TransportResponse, operation: String) -> DatabricksError {
        var parts = self.parts(of: answer)
        parts.message = self.clean(parts.message)
        if parts.message.isEmpty { parts.message = self.phrase(for: answer) }
        return DatabricksError(
            code: self.code(status: answer.status, errorCode: parts.errorCode),
            message: parts.message,
            httpStatus: answer.status,
            errorCode: parts.errorCode.map { self.clean($0) },
            requestID: (parts.requestID ?? answer.header("x-request-id")).map { self.clean($0) },
            details: parts.details,
            retryAfter: answer.retryAfter ?? ErrorDetails(parts.details).retryDelay,
            operation: operation
        )
    }

    private struct Parts {
        var errorCode: String?
        var message = ""
        var details: [JSONValue] = []
        var requestID: String?
    }

    private static func parts(of answer: TransportResponse) -> Parts {
        if let json = try? JSONReader.value(of: answer.body) {
            if case .object = json { return self.parts(of: json, status: answer.status) }
            if let text = json.stringValue { return Parts(message: text) }
        }
        let text = String(decoding: answer.body.prefix(64 << 10), as: UTF8.self)
        let isHTML =
            answer.header("Content-Type")?.lowercased().contains("html") == true || text.prefix(512).contains("<html")
        if isHTML { return Parts(message: self.html(text)) }
        if let colon = text.firstRange(of: ": "), text[..<colon.lowerBound].utf8.count <= 64,
            !text[..<colon.lowerBound].isEmpty,
            text[..<colon.lowerBound].utf8.allSatisfy({ (0x41...0x5A).contains($0) || $0 == 0x5F })
        {
            return Parts(errorCode: String(text[..<colon.lowerBound]), message: String(text[colon.upperBound...]))
        }
        return Parts(message: text)
    }

    /// Reads JSON error objects, trying the most specific format first.
    private static func parts(of json: JSONValue, status: Int) -> Parts {
        var parts = Parts()
        if case .array(let details)? = json["details"] {
            parts.details = details
            parts.requestID = ErrorDetails(details).requestID
        }
        func text(_ keys: String...) -> String? {
            keys.lazy.compactMap { json[$0]?.stringValue }.first { !$0.isEmpty }
        }
        parts.errorCode = text("error_code", "errorCode")
        if let message = text("message", "errorSummary", "error_description") {
            parts.message = message
            parts.errorCode = parts.errorCode ?? text("error")
        } else if let detail = text("detail") {
            parts.message = [text("scimType"), detail].compactMap { $0 }.joined(separator: ": ")
            parts.errorCode = parts.errorCode ?? "SCIM_\(text("status") ?? String(status))"
        } else if let error = text("error") {
            let isName = !error.contains(" ")
            parts.message = error
            if isName { parts.errorCode = parts.errorCode ?? error }
        } else if let message = json["error"]?["message"]?.stringValue {
            parts.message = message
        }
        return parts
    }

    /// The text of a page's first `pre`, else its title.
    private static func html(_ page: String) -> String {
        for tag in ["pre", "title", "h1"] {
            guard let start = page.firstRange(of: "<\(tag)>")?.upperBound,
                let end = page[start...].firstRange(of: "</\(tag)>")?.lowerBound
            else { continue }
            let text = self.clean(String(page[start..<end]))
            if !text.isEmpty { return text }
        }
        return ""
    }

    /// One line without control characters, of a limited length.
    static func clean(_ text: String) -> String {
        var result = ""
        for character in text.prefix(self.messageLimit) {
            let isBlank =
                character.isWhitespace
                || character.unicodeScalars.contains { $0.properties.generalCategory == .control }
            if !isBlank { result.append(character) } else if !result.isEmpty, result.last != " " { result.append(" ") }
        }
        if result.last == " " { result.removeLast() }
        return result
    }

    private static func phrase(for answer: TransportResponse) -> String {
        switch answer.status {
        case 300..<400: "the workspace answers with a redirect, which is not followed; check the host"
        case 401: "not authenticated"
        case 403: "not permitted"
        case 404: "not found"
        case 429: "too many requests"
        case 502: "bad gateway"
        case 503: "not available at the moment"
        case 504: "gateway timed out"
        default: "the service answered with status \(answer.status) and no reason"
        }
    }

    private static func code(status: Int, errorCode: String?) -> DatabricksError.Code {
        switch (errorCode, status) {
        case ("RESOURCE_DOES_NOT_EXIST", _), ("NOT_FOUND", _): .notFound
        case ("ABORTED", _), ("ALREADY_EXISTS", _), ("RESOURCE_ALREADY_EXISTS", _), ("RESOURCE_CONFLICT", _): .conflict
        case ("INVALID_PARAMETER_VALUE", _), ("INVALID_STATE", _): .invalidRequest
        case ("RESOURCE_EXHAUSTED", _), ("REQUEST_LIMIT_EXCEEDED", _): .tooManyRequests
        case ("invalid_client", _), ("unauthorized_client", _), ("invalid_grant", _), (_, 401): .unauthenticated
        case ("UNKNOWN", _), ("DATA_LOSS", _): .serverError
        case (_, 400): .invalidRequest
        case (_, 403): .permissionDenied
        case (_, 404): .notFound
        case (_, 409): .conflict
        case (_, 429): .tooManyRequests
        case (_, 503): .unavailable
        case (_, 500..<600): .serverError
        default: .unexpectedStatus
        }
    }
}
