//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import ExactText
public import Foundation
public import LocalGround

/// The log of an app of a local Lakebase.
public enum LocalAppLog {
    /// The source of a line.
    public enum Stream: String, Codable, Sendable, Hashable {
        /// The app, on standard output.
        case standardOutput = "stdout"
        /// The app, on standard error.
        case standardError = "stderr"
        /// The workspace, about the app.
        case system
    }

    /// A line.
    public struct Line: Codable, Sendable, Hashable {
        /// Its number in the app's log, which increases, also after restarts.
        public var number: Int
        /// The time of the line, in milliseconds.
        public var time: Date
        /// The source of the line.
        public var stream: Stream
        /// The id of the deployment whose process wrote it; empty for none.
        public var deployment: String
        /// The line, without its end.
        ///
        /// Bytes that are no UTF-8 are replaced, colours are left out, and anything else that a terminal would obey is shown: ESC is
        /// `\u{1B}`. A line of more than 16 KiB comes in pieces.
        public var text: String

        init(number: Int, time: Date, stream: Stream, deployment: String, text: String) {
            self.number = number
            self.time = time
            self.stream = stream
            self.deployment = deployment
            self.text = PlainText.inLog(text)
        }

        /// Reads a line; lines of earlier versions may lack fields.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            self.init(
                number: try container.decode(Int.self, forKey: .number),
                time: try container.decode(Date.self, forKey: .time),
                stream: try container.decode(Stream.self, forKey: .stream),
                deployment: try container.decode(String.self, forKey: .deployment),
                text: try container.decode(String.self, forKey: .text))
        }
    }

    /// A part of a log: the answer of `/local/apps/{name}/logs`.
    public struct Page: Codable, Sendable, Hashable {
        /// The lines, the oldest first.
        public var lines: [Line]
        /// The number of the newest line of the log, whether or not it is among these; 0 for none.
        public var last: Int

        init(lines: [Line], last: Int) {
            self.lines = lines
            self.last = last
        }
    }

    private static let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    /// Writes lines and pages as the log files have them: times in ISO 8601 with milliseconds.
    public static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(date.formatted(Self.style))
        }
        return encoder
    }

    /// Reads what ``encoder`` writes.
    public static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            try Self.style.parse(try decoder.singleValueContainer().decode(String.self))
        }
        return decoder
    }

    /// Reads the end of the log of an app in a data directory, whether or not a local Lakebase runs there.
    ///
    /// - Parameters:
    ///   - app: The name of the app.
    ///   - dataDirectory: The folder that was given to `lakebase dev --data`.
    ///   - count: The most lines.
    ///   - number: Only lines with a higher number.
    /// - Returns: `nil` if no app of that name has a log there.
    /// - Throws: `dataDirectory` if the folder is not one of a local Lakebase or the log cannot be read.
    public static func tail(
        of app: String, in dataDirectory: String, count: Int, after number: Int = 0
    ) throws(LocalLakebaseError) -> Page? {
        let path = try DataDirectory.existing(dataDirectory)
        guard AppFolder.isName(app) else { return nil }
        let folder = AppFolder(path: "\(path)/apps/\(app)")
        guard FileManager.default.fileExists(atPath: folder.logFile) else { return nil }
        return AppLog.read(folder, count: count, after: number)
    }
}
