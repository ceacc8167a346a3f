#!/bin/bash
# A sweep as an array job: no scheduler of Dask, no node waits for another.
# sbatch docs/how-to/cluster/slurm_array.sh
# Choose the number of tasks so that each computes for about an hour:
# points x seeds x seconds of one history / (3600 x cores of a task).
#SBATCH --job-name=qnu-sweep
#SBATCH --array=1-40
#SBATCH --cpus-per-task=4
#SBATCH --mem=8G
#SBATCH --time=02:00:00
#SBATCH --signal=B:TERM@60
set -euo pipefail

part="${SLURM_ARRAY_TASK_ID}/${SLURM_ARRAY_TASK_COUNT}"
exec qnu sweep gamma.toml --seeds 100 --output runs/gamma --quiet \
    --part "${part}" --workers "${SLURM_CPUS_PER_TASK}"
