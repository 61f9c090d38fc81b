//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Testing

@Suite("Requests of the Database API", .timeLimit(.minutes(1)))
struct DatabaseRequestTests {
    private let root = "/api/2.0/database"

    @Test func `instances`() async throws {
        let root = self.root
        try await APIServer.check(
            [
                .init(
                    "POST \(root)/instances",
                    #"{"name":"i","capacity":"CU_2","node_count":2,"enable_readable_secondaries":true,"retention_window_in_days":14,"parent_instance_ref":{"name":"p","lsn":"0/1"},"custom_tags":[{"key":"k","value":"v"}]}"#
                ) {
                    let instance = Database.Instance(
                        name: "i", capacity: "CU_2", nodeCount: 2, enableReadableSecondaries: true,
                        retentionWindowInDays: 14, parentInstanceRef: .init(name: "p", lsn: "0/1"),
                        customTags: [.init(key: "k", value: "v")])
                    let pending = try await $0.database.createDatabaseInstance(instance)
                    #expect(pending.initial.name == "i")
                },
                .init("PATCH \(root)/instances/i?update_mask=%2A", #"{"name":"i","capacity":"CU_4"}"#) {
                    _ = try await $0.database.updateDatabaseInstance("i", to: .init(name: "i", capacity: "CU_4"))
                },
                .init("PATCH \(root)/instances/i?update_mask=stopped", #"{"name":"i","stopped":true}"#) {
                    _ = try await $0.database.stopDatabaseInstance("i")
                },
                .init("PATCH \(root)/instances/i?update_mask=stopped", #"{"name":"i","stopped":false}"#) {
                    _ = try await $0.database.startDatabaseInstance("i")
                },
                .init("DELETE \(root)/instances/i?purge=true") { try await $0.database.deleteDatabaseInstance("i") },
                .init("DELETE \(root)/instances/i?force=true&purge=true") {
                    try await $0.database.deleteDatabaseInstance("i", force: true)
                },
                .init("GET \(root)/instances/i") { _ = try await $0.database.getDatabaseInstance("i") },
                .init("GET \(root)/instances:findByUid?uid=u") {
                    _ = try await $0.database.findDatabaseInstance(uid: "u")
                },
            ], answering: .json(#"{"name":"i"}"#))
    }

    @Test func `roles, catalogs and synced tables`() async throws {
        let root = self.root
        try await APIServer.check(
            [
                .init(
                    "POST \(root)/instances/i/roles",
                    #"{"name":"a@b.c","identity_type":"USER","membership_role":"DATABRICKS_SUPERUSER","attributes":{"createdb":true}}"#
                ) {
                    let role = Database.InstanceRole(
                        name: "a@b.c", identityType: .user, membershipRole: .databricksSuperuser,
                        attributes: .init(createDatabase: true))
                    _ = try await $0.database.createDatabaseInstanceRole(role, instance: "i")
                },
                .init("GET \(root)/instances/i/roles/a@b.c") {
                    _ = try await $0.database.getDatabaseInstanceRole(instance: "i", name: "a@b.c")
                },
                .init("GET \(root)/instances/i/roles?page_size=2") {
                    _ = try await $0.database.listDatabaseInstanceRoles(instance: "i", pageSize: 2).all()
                },
                .init("DELETE \(root)/instances/i/roles/r?allow_missing=true&reassign_owned_to=heir") {
                    try await $0.database.deleteDatabaseInstanceRole(
                        instance: "i", name: "r", allowMissing: true, reassignOwnedTo: "heir")
                },
                .init("GET \(root)/instances/i/catalogs") {
                    _ = try await $0.database.listDatabaseCatalogs(instance: "i").all()
                },
                .init("GET \(root)/instances/i/synced_tables") {
                    _ = try await $0.database.listSyncedDatabaseTables(instance: "i").all()
                },
            ], answering: .json(#"{"name":"r"}"#))
    }

    @Test func `deletion may answer nothing at all`() async throws {
        try await APIServer.with({ _, _ in .json("") }) { client, server in
            try await client.database.deleteDatabaseInstance("i")
            #expect(server.calls.count == 1)
        }
    }

    @Test func `catalogs and synced tables on the wire`() throws {
        let catalogs = try WireCheck.roundTrip(
            Database.ListCatalogsResponse.self,
            #"{"database_catalogs":[{"name":"c","database_instance_name":"i","database_name":"d","uid":"u"}],"next_page_token":"t"}"#
        )
        #expect(catalogs.catalogs?.first?.databaseName == "d")
        let tables = try WireCheck.roundTrip(
            Database.ListSyncedTablesResponse.self,
            """
            {"synced_tables":[{"name":"c.s.t","database_instance_name":"i","logical_database_name":"d","effective_database_instance_name":"i",
            "effective_logical_database_name":"d","unity_catalog_provisioning_state":"ACTIVE","spec":{"source_table_full_name":"c.s.u",
            "primary_key_columns":["id"],"timeseries_key":"ts","scheduling_policy":"TRIGGERED","create_database_objects_if_missing":true,
            "new_pipeline_spec":{"storage_catalog":"c","storage_schema":"s","budget_policy_id":"b"},"accelerated_sync":false,
            "type_overrides":[{"column_name":"v","pg_type":"PG_SPECIFIC_TYPE_VECTOR","size":3}]},
            "data_synchronization_status":{"detailed_state":"SYNCED_TABLED_OFFLINE","message":"m","pipeline_id":"p",
            "last_sync":{"delta_table_sync_info":{"delta_commit_version":7},"sync_start_timestamp":"2026-01-02T03:04:05Z"},
            "provisioning_status":{"initial_pipeline_sync_progress":{"sync_progress_completion":0.5,"synced_row_count":1,"total_row_count":2}},
            "triggered_update_status":{"last_processed_commit_version":7,"timestamp":"2026-01-02T03:04:05Z",
            "triggered_update_progress":{"estimated_completion_time_seconds":1.5,"latest_version_currently_processing":8}}}}]}
            """
        )
        #expect(tables.syncedTables?.first?.dataSynchronizationStatus?.detailedState == .offline)
        let odd = try WireCheck.decode(
            Database.SyncedTable.self,
            #"{"name":"t","unity_catalog_provisioning_state":"NEW","spec":{"scheduling_policy":"HOURLY","x":1}}"#)
        #expect(odd.spec?.schedulingPolicy?.rawValue == "HOURLY")
    }

    @Test func `shape of a live minimal instance`() throws {
        let instance = try WireCheck.roundTrip(
            Database.Instance.self,
            """
            {"capacity":"CU_1","creation_time":"2026-01-02T03:04:05Z","creator":"a@b.c","effective_capacity":"CU_1",
            "effective_enable_pg_native_login":false,"effective_enable_readable_secondaries":false,"effective_node_count":1,
            "effective_retention_window_in_days":7,"effective_stopped":false,"name":"i","pg_version":"PG_VERSION_16","state":"AVAILABLE",
            "uid":"u","read_write_dns":"instance-u.database.cloud.databricks.com"}
            """
        )
        #expect(instance.effectiveStopped == false && instance.stopped == nil)
        let odd = try WireCheck.decode(
            Database.Instance.self,
            #"{"name":"i","state":"MELTING","effective_node_count":"2","child_instance_refs":null,"new":{}}"#)
        #expect(odd.state?.rawValue == "MELTING" && odd.effectiveNodeCount == 2)
    }
}
