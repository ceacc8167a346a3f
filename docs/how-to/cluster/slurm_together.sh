#!/bin/bash
# After the array job: computes what is still missing, and writes sweep.nc.
# sbatch --dependency=afterany:JOBID docs/how-to/cluster/slurm_together.sh
#SBATCH --job-name=qnu-together
#SBATCH --cpus-per-task=4
#SBATCH --mem=16G
#SBATCH --time=01:00:00
set -euo pipefail

exec qnu sweep gamma.toml --seeds 100 --output runs/gamma --quiet \
    --workers "${SLURM_CPUS_PER_TASK}"
