/** What one private Ceph of three processes needs to know. */
export interface CephLayout {
  readonly dir: string
  readonly fsid: string
  readonly monPort: number
  readonly rgwPort: number
  readonly store: 'memstore' | 'bluestore'
}

/**
 * The configuration of a Ceph of one monitor, one OSD and one radosgw on loopback, without
 * authentication inside the cluster and without anything that runs in the background.
 *
 * @see https://docs.ceph.com/en/pacific/rados/configuration/
 */
export function cephConf(layout: CephLayout): string {
  const { dir, fsid, monPort, rgwPort, store } = layout
  return section('global', {
    fsid,
    mon_host: `v1:127.0.0.1:${monPort}`,
    public_addr: '127.0.0.1',
    cluster_addr: '127.0.0.1',
    ms_bind_msgr2: false,
    ms_async_op_threads: 2,
    auth_cluster_required: 'none',
    auth_service_required: 'none',
    auth_client_required: 'none',
    run_dir: dir,
    admin_socket: `${dir}/$name.asok`,
    log_file: `${dir}/$name.log`,
    log_to_syslog: false,
    osd_pool_default_size: 1,
    osd_pool_default_min_size: 1,
    osd_pool_default_pg_num: 1,
    osd_pool_default_pgp_num: 1,
    osd_pool_default_pg_autoscale_mode: 'off',
    osd_crush_chooseleaf_type: 0,
    mon_allow_pool_size_one: true,
    mon_warn_on_pool_no_redundancy: false,
    mon_max_pg_per_osd: 2_000,
  })
    .concat(monSection(dir), osdSection(dir, store), clientSection(rgwPort))
    .join('\n')
}

function monSection(dir: string): string[] {
  return section('mon', {
    mon_data: `${dir}/mon`,
    mon_initial_members: 'a',
    mon_election_timeout: 1,
    mon_tick_interval: 2,
    mon_osd_down_out_interval: 0,
    mon_data_avail_crit: 1, // A nearly full disk is no reason for a test server to stop.
    mon_allow_pool_delete: true,
    auth_allow_insecure_global_id_reclaim: false,
    paxos_propose_interval: 0.02,
    paxos_min_wait: 0.005,
  })
}

function osdSection(dir: string, store: string): string[] {
  return section('osd', {
    osd_data: `${dir}/osd`,
    osd_objectstore: store,
    osd_crush_update_on_start: false,
    osd_class_update_on_start: false,
    osd_class_load_list: '*',
    osd_class_default_list: '*',
    osd_max_object_name_len: 2_048,
    osd_memory_target: 939_524_096,
    osd_op_num_shards: 2,
    osd_op_num_threads_per_shard: 2,
    memstore_device_bytes: 4 * 1024 ** 3,
    bluestore_block_create: true,
    bluestore_block_size: 20 * 1024 ** 3, // A sparse file.
    bluestore_block_wal_create: false,
    bluestore_block_db_create: false,
    bluestore_fsck_on_mount: false,
    bluestore_cache_autotune: false,
    bluestore_cache_size: 128 * 1024 ** 2,
  })
}

function clientSection(rgwPort: number): string[] {
  return section('client', {
    rgw_frontends: `beast endpoint=127.0.0.1:${rgwPort}`,
    rgw_thread_pool_size: 32,
    rgw_num_rados_handles: 1,
    rgw_run_sync_thread: false,
    rgw_enable_usage_log: false,
    rgw_enable_ops_log: false,
    rgw_override_bucket_index_max_shards: 1,
    rgw_dynamic_resharding: false,
    rgw_multipart_min_part_size: 1_000, // So that tests of uploads in parts stay small.
  })
}

function section(name: string, options: Record<string, string | number | boolean>): string[] {
  const lines = Object.entries(options).map(([option, value]) => `${option} = ${value}`)
  return [`[${name}]`, ...lines, '']
}
