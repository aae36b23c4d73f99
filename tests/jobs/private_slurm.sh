# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash  # sourced
# A private Slurm of one virtual node on this machine: everything below one folder, loopback only. Needs root.

# private_slurm_up FOLDER: starts it and sets SLURM_CONF. Its jobs' numbers begin at random: Open MPI names its shared
# memory after them, and another Slurm on this machine must not use the same.
private_slurm_up() {
  local folder=$1 host base=$((20000 + RANDOM % 60 * 200))
  host=$(hostname)
  host=${host%%.*}
  mkdir -p "$folder"/{munge,state,log,spool,tmp}
  chmod 755 "$folder"
  chmod 711 "$folder/munge"
  dd if=/dev/urandom of="$folder/munge/key" bs=128 count=1 status=none
  chown -R munge: "$folder/munge"
  chmod 600 "$folder/munge/key"
  setpriv --reuid munge --regid munge --clear-groups munged --key-file="$folder/munge/key" \
    --socket="$folder/munge/socket" --pid-file="$folder/munge/pid" --log-file="$folder/munge/log" \
    --seed-file="$folder/munge/seed"
  cat >"$folder/slurm.conf" <<CONF
ClusterName=private
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$base
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket,cred_expire=10
CredType=cred/munge
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/log/slurmctld.log
SlurmdLogFile=$folder/log/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SwitchType=switch/none
MpiDefault=pmix
TmpFS=$folder/tmp
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
SlurmdParameters=config_overrides
ReturnToService=2
FirstJobId=$((RANDOM * 32 + RANDOM % 32 + 1))
KillWait=5
BatchStartTimeout=10
JobRequeue=1
MailProg=/bin/true
SrunPortRange=$((base + 100))-$((base + 199))
NodeName=n1 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((base + 1)) CPUs=4 RealMemory=1000 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
  echo "CgroupPlugin=cgroup/v1" >"$folder/cgroup.conf"
  export SLURM_CONF=$folder/slurm.conf
  slurmctld -f "$SLURM_CONF" && slurmd -N n1 -f "$SLURM_CONF" || return
  local _
  for _ in $(seq 100); do
    [[ $(sinfo -h -o %T 2>/dev/null) == idle ]] && return
    sleep 0.1
  done
  echo "the private Slurm did not come up:" >&2
  tail -n 5 "$folder"/log/*.log >&2
  return 1
}

# private_slurm_down FOLDER: ends its jobs and what private_slurm_up started, and waits until they are gone.
private_slurm_down() {
  local folder=$1 pid_file pid _
  scancel --user root 2>/dev/null
  for pid_file in "$folder"/{slurmd.pid,slurmctld.pid,munge/pid}; do
    [[ -f $pid_file ]] || continue
    pid=$(cat "$pid_file")
    kill "$pid" 2>/dev/null
    for _ in $(seq 100); do
      [[ -d /proc/$pid && $(cut -d' ' -f3 "/proc/$pid/stat" 2>/dev/null) != Z ]] || break
      sleep 0.1
    done
  done
}
