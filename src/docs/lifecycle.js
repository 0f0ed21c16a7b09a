// A banner on top of the page while the API on it, or an operation of it, is about to end: what
// `x-specwright-deprecated-since` and `x-specwright-sunset` say in its contract.
'use strict';

(() => {
  const SINCE = 'x-specwright-deprecated-since';
  const SUNSET = 'x-specwright-sunset';
  const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

  const ending = (thing) => {
    const parts = [];
    if (thing[SINCE]) parts.push(`is deprecated since ${thing[SINCE]}`);
    if (thing[SUNSET]) parts.push(`goes away on ${thing[SUNSET]}`);
    return parts.join(' and ');
  };

  const lines = (contract) => {
    const all = [];
    if (ending(contract)) all.push(`Version ${contract.info?.version} ${ending(contract)}.`);
    for (const [path, item] of Object.entries(contract.paths ?? {})) {
      for (const method of METHODS) {
        const end = item?.[method] && ending(item[method]);
        if (end) all.push(`${method.toUpperCase()} ${path} ${end}.`);
      }
    }
    return all;
  };

  const banner = document.createElement('div');
  banner.id = 'lifecycle';
  banner.setAttribute('role', 'status');
  banner.style.cssText = 'display: none; padding: 12px 20px; background: #fff3cd; color: #5c4400;'
    + ' border-bottom: 1px solid #e0c878; font: 14px/1.5 sans-serif;';
  document.body.prepend(banner);

  let shown;
  const show = () => {
    const contract = window.ui.specSelectors.specJson();
    if (contract === shown) return;
    shown = contract;
    banner.replaceChildren(...lines(contract.toJS()).map((line) => {
      const row = document.createElement('div');
      row.textContent = line;
      return row;
    }));
    banner.style.display = banner.childElementCount > 0 ? 'block' : 'none';
  };

  window.addEventListener('load', () => {
    window.ui.getStore().subscribe(show);
    show();
  });
})();
