//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Testing

@testable import LakebaseLocal
@testable import LocalWorkspace

extension WholeLakebaseTests {
    /// Numbers in bodies, as ``HTTPServiceTests`` has those of addresses.
    @Suite("Numbers in bodies", .serialized) struct BodyNumberTests {
        private static let numbers = [
            "9223372036854775807", "-9223372036854775808", "9223372036854775808", "1e308", "1e999", "-1", "0.1e-300",
        ]

        @Test func `no number of a body ends the process`() async throws {
            try await Fixture.with { fixture in
                let token = fixture.ready.developer.credential
                let endpoint = LocalProject.endpointName, project = LocalProject.projectName
                let postgres = "/api/2.0/postgres/"
                for number in Self.numbers {
                    for (method, path, body) in [
                        (
                            "PATCH", postgres + endpoint + "?update_mask=spec.autoscaling_limit_max_cu",
                            #"{"spec":{"autoscaling_limit_min_cu":\#(number),"autoscaling_limit_max_cu":\#(number)}}"#
                        ),
                        (
                            "PATCH", postgres + endpoint + "?update_mask=spec.suspension",
                            #"{"spec":{"suspend_timeout_duration":"\#(number)s"}}"#
                        ),
                        ("POST", postgres + project + "/branches?branch_id=n", #"{"spec":{"ttl":"\#(number)s"}}"#),
                        (
                            "POST", postgres + project + "/branches?branch_id=n",
                            #"{"spec":{"source_branch_lsn":\#(number)}}"#
                        ),
                        (
                            "POST", postgres + "projects?project_id=number",
                            #"{"spec":{"history_retention_duration":"\#(number)s","pg_version":\#(number)}}"#
                        ),
                        ("POST", postgres + "credentials", #"{"endpoint":"\#(endpoint)","ttl":"\#(number)s"}"#),
                        (
                            "POST", "/api/2.0/database/instances",
                            #"{"name":"n","capacity":"CU_1","retention_window_in_days":\#(number),"node_count":\#(number)}"#
                        ),
                        (
                            "POST", "/api/2.0/apps?no_compute=true",
                            #"{"name":"n","telemetry_export_destinations":\#(number),"compute_max_instances":\#(number)}"#
                        ),
                        ("POST", "/api/2.0/workspace/import", #"{"path":"/Shared/n","content":\#(number)}"#),
                        ("POST", "/api/2.0/secrets/put", #"{"scope":"n","key":"k","bytes_value":\#(number)}"#),
                    ] {
                        let answer = try await fixture.http(method, path, token: token, body: body)
                        let text = String(decoding: answer.body.prefix(300), as: UTF8.self)
                        #expect(answer.status != 500, "\(method) \(path) \(body): \(text)")
                    }
                    #expect(try await fixture.http("GET", "/local/status", token: token).status == 200)
                }
            }
        }
    }
}
