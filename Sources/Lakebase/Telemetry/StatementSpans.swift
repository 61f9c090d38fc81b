//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Tracing

/// Makes a span of each statement, as a child of the caller's.
final class StatementSpans: Sendable {
    private let tracer: any Tracer
    private let names: LakebaseConfiguration.Telemetry.AttributeNames
    /// The attributes that are known before a statement runs, by operation.
    private let attributes: [SpanAttributes]

    /// - Parameter server: The attributes that are the same for all.
    init(_ tracer: any Tracer, _ names: LakebaseConfiguration.Telemetry.AttributeNames, server: SpanAttributes) {
        self.tracer = tracer
        self.names = names
        self.attributes = StatementOperation.names.indices.map { index in
            var attributes = server
            if let name = StatementOperation(index: index).name {
                if let key = names.operation { attributes[key] = name }
                if let key = names.summary { attributes[key] = name }
            }
            return attributes
        }
    }

    /// - Parameter text: The statement's text, if it may be shown.
    func start(_ operation: StatementOperation, text: @autoclosure () -> String?) -> any Span {
        let span = self.tracer.startSpan(operation.name ?? "postgresql", ofKind: .client)
        guard span.isRecording else { return span }
        var attributes = self.attributes[operation.index]
        if let key = self.names.text, let text = text() { attributes[key] = text }
        span.attributes = attributes
        return span
    }

    /// Ends a span.
    ///
    /// The error itself is not recorded, for the server's messages quote values.
    func end(_ span: any Span, _ result: Result<PQRows, any Error>, _ failure: FailureLabels?) {
        defer { span.end() }
        guard span.isRecording else { return }
        if failure != nil { span.setStatus(SpanStatus(code: .error)) }
        span.updateAttributes { attributes in
            if let key = self.names.returnedRows, case .success(let rows) = result { attributes[key] = rows.count }
            if let key = self.names.errorType, let failure { attributes[key] = failure.type }
            if let key = self.names.statusCode, let code = failure?.statusCode { attributes[key] = code }
        }
    }
}
