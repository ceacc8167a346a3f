"""A sweep on jobs that dask-jobqueue submits to SLURM: pip install '.[cluster]'.

Run it on a node that the others can reach, such as the login node: python slurm_dask.py
"""

from dask_jobqueue import SLURMCluster
from distributed import Client

import qnu

cluster = SLURMCluster(
    cores=16,
    processes=16,  # one thread each
    memory="32GB",
    walltime="02:00:00",
    job_script_prologue=[
        "export NUMBA_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1",
        "export MALLOC_TRIM_THRESHOLD_=1073741824 MALLOC_MMAP_THRESHOLD_=33554432",
    ],
    worker_extra_args=["--lifetime", "110m", "--lifetime-stagger", "5m"],  # end before the job does
)
cluster.adapt(minimum_jobs=1, maximum_jobs=10)
with Client(cluster) as client:
    data = qnu.experiment.sweep(
        "gamma.toml", seeds=100, client=client, output="runs/gamma", progress=True
    )
print(data)
