# One image for web, worker and beat; what it does is the command given in docker-compose.yml.
FROM python:3.11-slim-bookworm

RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-ebgaramond fonts-inter fonts-noto-core fonts-noto-cjk \
    && rm -rf /var/lib/apt/lists/*

ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 VAR_DIR=/var/lib/cme STATIC_ROOT=/srv/static
WORKDIR /srv/cme
COPY requirements.txt .
RUN pip install --require-hashes -r requirements.txt

COPY . .
# The keys here protect nothing, and nothing starts with them: collecting static files only needs the settings to load.
RUN SECRET_KEY=unused FIELD_KEYS=unused python manage.py collectstatic --noinput \
    && useradd --system --home-dir /var/lib/cme --create-home cme
USER cme
VOLUME /var/lib/cme
EXPOSE 8000
CMD ["gunicorn", "cme_portal.wsgi", "--bind", "0.0.0.0:8000", "--workers", "3", "--threads", "4", "--no-control-socket"]
