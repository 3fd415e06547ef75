"""The same clustering by scikit-learn on one thread: prints CPU seconds and inertia as one line of JSON."""

import json
import os
import sys
import time

os.environ["OMP_NUM_THREADS"] = "1"
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy  # noqa: E402
from sklearn.cluster import KMeans  # noqa: E402

path, dimensions, clusters = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
data = numpy.fromfile(path).reshape(-1, dimensions)


def fit():
    return KMeans(n_clusters=clusters, n_init=1, random_state=1).fit(data)


fit()
start = time.process_time()
model = fit()
print(json.dumps({"value": time.process_time() - start, "answer": model.inertia_}))
